DELETE { ?x cper:natureDeLaValeur ?o } WHERE { ?x cper:pourcentage ?_ ; cper:natureDeLaValeur ?o }
