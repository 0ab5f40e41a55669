DELETE { <../../../def/code/nature-de-la-valeur/exact> skos:notation ?o } WHERE { <../../../def/code/nature-de-la-valeur/exact> skos:notation ?o }
