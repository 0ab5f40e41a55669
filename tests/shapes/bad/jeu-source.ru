DELETE { ?x dct:source ?o } WHERE { ?x a dcat:Dataset ; dct:source ?o }
