INSERT DATA { <../../document/fictif> dct:issued "2031"^^xsd:gYear }
