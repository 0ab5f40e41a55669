DELETE DATA { <periode> dcat:startDate "2030"^^xsd:gYear };
INSERT DATA { <periode> dcat:startDate "2031"^^xsd:gYear }
