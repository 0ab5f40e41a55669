INSERT DATA { <part/departement> cper:valeur "50"^^xsd:decimal ; cper:motif "Non dit"@fr }
