DELETE { ?x dct:modified ?o } INSERT { ?x dct:modified "2030"^^xsd:gYear } WHERE { ?x a dcat:Distribution ; dct:modified ?o }
