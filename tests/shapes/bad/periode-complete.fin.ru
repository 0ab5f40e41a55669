INSERT DATA { <periode> dcat:endDate "2037"^^xsd:gYear }
