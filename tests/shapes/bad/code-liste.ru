DELETE { <../../../def/code/nature-de-la-valeur/exact> skos:inScheme ?o } WHERE { <../../../def/code/nature-de-la-valeur/exact> skos:inScheme ?o }
