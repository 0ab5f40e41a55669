INSERT DATA { <part/axe-3> cper:valeur "000000000000000"^^cper:nombre }
