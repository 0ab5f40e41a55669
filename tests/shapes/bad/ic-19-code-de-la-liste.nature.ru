DELETE { ?x cper:natureDeLaValeur ?o } INSERT { ?x cper:natureDeLaValeur <../../code/statut/prevu> } WHERE { ?x cper:natureDeLaValeur ?o . FILTER(?x = <engagement/etat>) }
