DELETE DATA { <montant/avenant> cper:nature <../../../def/code/nature-de-la-valeur/exact> };
INSERT DATA { <montant/avenant> cper:nature <../../../def/code/nature-de-la-valeur/inconnue> }
