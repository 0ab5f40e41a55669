DELETE { <../../code/nature-de-la-valeur/exact> skos:inScheme ?o } WHERE { <../../code/nature-de-la-valeur/exact> skos:inScheme ?o }
