DELETE { ?x dcat:startDate ?o } INSERT { ?x dcat:startDate "2030"^^xsd:gYear } WHERE { ?x dcat:startDate ?o }
