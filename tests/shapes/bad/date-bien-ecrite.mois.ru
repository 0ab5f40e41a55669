DELETE DATA { <etape/approbation> dct:date "--06"^^xsd:gMonth };
INSERT DATA { <etape/approbation> dct:date "--13"^^xsd:gMonth }
