INSERT DATA { <montant/etat> cper:nature <../../code/nature-de-la-valeur/plus-de> }
