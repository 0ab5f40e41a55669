INSERT DATA { <enveloppe> obeu-measure:amount "150000000"^^xsd:decimal }
