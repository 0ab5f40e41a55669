DELETE { <part/axe-1> cper:valeur ?v } INSERT { <part/axe-1> cper:valeur "000000000000160"^^cper:nombre } WHERE { <part/axe-1> cper:valeur ?v }
