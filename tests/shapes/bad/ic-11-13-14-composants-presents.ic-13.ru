DELETE DATA { <montant/etat> cper:valeurPubliee "120 M€"@fr }
