DELETE DATA { <part/axe-1> cper:partParSubdivision "60"^^xsd:decimal };
INSERT DATA { <part/axe-1> cper:partParSubdivision 75.0 }
