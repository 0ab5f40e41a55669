DELETE DATA { <lecture/axes> dct:date "2030-03-01"^^xsd:date }; INSERT DATA { <lecture/axes> dct:date "2030"^^xsd:gYear }
