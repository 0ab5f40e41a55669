DELETE { <montant/etat> cper:valeur ?v } INSERT { <montant/etat> cper:valeur "120000000" } WHERE { <montant/etat> cper:valeur ?v }
