INSERT DATA { <part/departement> cper:valeur "000000000000050"^^cper:nombre ; cper:motif "Non dit"@fr }
