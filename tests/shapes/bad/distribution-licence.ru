DELETE { ?x dct:license ?o } WHERE { ?x a dcat:Distribution ; dct:license ?o }
