DELETE DATA { <periode> dcat:startDate "2030"^^xsd:gYear ; dcat:endDate "2036"^^xsd:gYear }
