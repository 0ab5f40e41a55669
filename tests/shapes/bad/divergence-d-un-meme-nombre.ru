DELETE { <montant/region-presse> cper:valeur ?v } INSERT { <montant/region-presse> cper:valeur "000000060000000"^^cper:nombre } WHERE { <montant/region-presse> cper:valeur ?v }
