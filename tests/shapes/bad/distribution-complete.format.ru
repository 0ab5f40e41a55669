DELETE { ?x dct:format ?o } WHERE { ?x a dcat:Distribution ; dct:format ?o }
