DELETE { ?x dcat:endDate ?o } INSERT { ?x dcat:endDate "2036"^^xsd:gYear } WHERE { ?x dcat:endDate ?o }
