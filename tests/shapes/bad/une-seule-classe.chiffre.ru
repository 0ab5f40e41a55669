INSERT DATA { <montant/etat> a cper:Chiffre }
