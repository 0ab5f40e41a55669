DELETE { ?x dct:modified ?o } INSERT { ?x dct:modified "2030"^^xsd:gYear } WHERE { ?x dct:modified ?o }
