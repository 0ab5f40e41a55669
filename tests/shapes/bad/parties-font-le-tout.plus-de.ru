DELETE { <montant/total> cper:valeur ?v } INSERT { <montant/total> cper:valeur "250000000"^^xsd:decimal } WHERE { <montant/total> cper:valeur ?v }
