DELETE { ?x dct:conformsTo ?o } WHERE { ?x a dcat:Dataset ; dct:conformsTo ?o }
