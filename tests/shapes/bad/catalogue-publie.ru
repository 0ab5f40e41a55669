DELETE { ?x dct:issued ?o } INSERT { ?x dct:issued "2030"^^xsd:gYear } WHERE { ?x dct:issued ?o . ?x a dcat:Dataset }
