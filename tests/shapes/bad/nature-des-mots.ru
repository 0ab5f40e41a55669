DELETE DATA { <montant/total> cper:nature <../../../def/code/nature-de-la-valeur/plus-de> };
INSERT DATA { <montant/total> cper:nature <../../../def/code/nature-de-la-valeur/exact> }
