DELETE DATA { <montant/etat> cper:nature <../../code/nature-de-la-valeur/arrondi> };
INSERT DATA { <montant/etat> cper:nature <../../code/nature-de-la-valeur/exact> }
