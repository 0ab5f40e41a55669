INSERT DATA { <part/axe-3> cper:partParSubdivision 0.0 };
DELETE DATA { <part/axe-1> cper:partParSubdivision "60"^^xsd:decimal };
INSERT DATA { <part/axe-1> cper:partParSubdivision 50.0 }
