DELETE { ?x cper:natureDeLaValeur ?o } INSERT { ?x cper:natureDeLaValeur <../../code/qualite/etat> } WHERE { ?x cper:natureDeLaValeur ?o . FILTER(?x = <engagement/etat>) }
