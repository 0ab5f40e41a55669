DELETE DATA { <montant/etat> cper:enonce <enonce/chiffres> }
