DELETE { ?x dct:title ?o } WHERE { ?x a foaf:Document ; dct:title ?o }
