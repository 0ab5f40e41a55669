DELETE { <etape/signature> dct:date ?jour } INSERT { <etape/signature> dct:date "2020-02-01"^^xsd:date } WHERE { <etape/signature> dct:date ?jour }
