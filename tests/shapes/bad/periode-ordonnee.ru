DELETE { ?x dcat:endDate ?o } INSERT { ?x dcat:endDate "2029"^^xsd:gYear } WHERE { BIND(<periode> AS ?x) ?x dcat:endDate ?o }
