INSERT DATA { <part/axe-3> cper:valeur "0"^^xsd:decimal }
