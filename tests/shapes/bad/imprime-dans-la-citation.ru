DELETE DATA { <montant/etat> cper:valeurPubliee "120 M€"@fr };
INSERT DATA { <montant/etat> cper:valeurPubliee "120 millions d'euros"@fr }
