DELETE DATA { <part/region> cper:partParFinanceur "30"^^xsd:decimal };
INSERT DATA { <part/region> cper:partParFinanceur 36.0 }
