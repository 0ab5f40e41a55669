DELETE { <part/axe-1> cper:valeur ?v } INSERT { <part/axe-1> cper:valeur "160"^^xsd:decimal } WHERE { <part/axe-1> cper:valeur ?v }
