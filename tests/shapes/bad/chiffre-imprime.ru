DELETE { <montant/etat> cper:valeur ?v } INSERT { <montant/etat> cper:valeur "000000021000000"^^cper:nombre } WHERE { <montant/etat> cper:valeur ?v }
