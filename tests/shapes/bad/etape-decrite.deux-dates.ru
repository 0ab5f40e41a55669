INSERT DATA { <etape/signature> dct:date "2030-02-02"^^xsd:date }
