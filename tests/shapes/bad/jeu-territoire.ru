DELETE { ?x dct:spatial ?o } WHERE { ?x a dcat:Dataset ; dct:spatial ?o }
