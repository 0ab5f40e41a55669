DELETE { <montant/total> cper:valeur ?v } INSERT { <montant/total> cper:valeur "000000250000000"^^cper:nombre } WHERE { <montant/total> cper:valeur ?v }
