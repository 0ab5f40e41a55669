DELETE { ?x dct:modified ?o } INSERT { ?x dct:modified "2029-12-31"^^xsd:date } WHERE { ?x dct:modified ?o }
