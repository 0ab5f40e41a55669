DELETE DATA { <montant/axe-1> cper:nature <../../../def/code/nature-de-la-valeur/pres-de> };
INSERT DATA { <montant/axe-1> cper:nature <../../../def/code/nature-de-la-valeur/arrondi> }
