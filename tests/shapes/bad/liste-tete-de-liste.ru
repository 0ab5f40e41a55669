DELETE { <../../code/nature-de-la-valeur/exact> skos:topConceptOf ?o } WHERE { <../../code/nature-de-la-valeur/exact> skos:topConceptOf ?o }
