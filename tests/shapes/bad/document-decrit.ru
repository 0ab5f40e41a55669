DELETE { ?x dct:publisher ?o } WHERE { ?x a foaf:Document ; dct:publisher ?o }
