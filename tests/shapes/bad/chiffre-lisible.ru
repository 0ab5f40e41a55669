DELETE DATA { <montant/etat> cper:nature <../../code/nature-de-la-valeur/arrondi> }
