DELETE { <../../code/nature-de-la-valeur/exact> skos:notation ?o } WHERE { <../../code/nature-de-la-valeur/exact> skos:notation ?o }
