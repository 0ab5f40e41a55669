DELETE { ?x cper:natureDeLaValeur ?o } INSERT { ?x cper:natureDeLaValeur <../../code/nature-de-la-valeur/exact> } WHERE { ?x cper:natureDeLaValeur ?o . FILTER(?x = <engagement/etat>) }
