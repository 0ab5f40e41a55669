DELETE DATA { <montant/etat> cper:nature <../../../def/code/nature-de-la-valeur/arrondi> };
INSERT DATA { <montant/etat> cper:nature <../../../def/code/statut/signe> }
