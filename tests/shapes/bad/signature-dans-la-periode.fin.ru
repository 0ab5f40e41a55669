DELETE { <etape/signature> dct:date ?jour } INSERT { <etape/signature> dct:date "2037"^^xsd:gYear } WHERE { <etape/signature> dct:date ?jour }
