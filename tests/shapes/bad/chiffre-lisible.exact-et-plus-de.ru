INSERT DATA { <montant/etat> cper:nature <../../../def/code/nature-de-la-valeur/plus-de> }
