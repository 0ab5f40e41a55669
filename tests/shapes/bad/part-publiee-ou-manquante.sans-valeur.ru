INSERT DATA { <part/axe-3> cper:pourcentage "10"^^xsd:decimal }
