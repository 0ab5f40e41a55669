INSERT DATA { <../../../def/code/nature-de-la-valeur/exact> skos:hiddenLabel "Arrondi"@fr }
