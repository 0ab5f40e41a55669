DELETE { ?x dct:issued ?o } WHERE { ?x a foaf:Document ; dct:issued ?o }
