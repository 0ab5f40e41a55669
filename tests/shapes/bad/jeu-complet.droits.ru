DELETE { ?x dct:rights ?o } WHERE { ?x a dcat:Dataset ; dct:rights ?o }
