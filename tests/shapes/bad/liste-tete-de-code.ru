DELETE { ?x skos:hasTopConcept <../../code/nature-de-la-valeur/exact> } WHERE { ?x skos:hasTopConcept <../../code/nature-de-la-valeur/exact> }
