DELETE { <../../code/nature-de-la-valeur/exact> skos:definition ?o } WHERE { <../../code/nature-de-la-valeur/exact> skos:definition ?o }
