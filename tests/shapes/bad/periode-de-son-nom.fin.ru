DELETE DATA { <periode> dcat:endDate "2036"^^xsd:gYear }
