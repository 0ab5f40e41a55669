DELETE DATA { <montant/total> cper:nature <../../code/nature-de-la-valeur/plus-de> };
INSERT DATA { <montant/total> cper:nature <../../code/nature-de-la-valeur/exact> }
