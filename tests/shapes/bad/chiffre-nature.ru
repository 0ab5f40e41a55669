DELETE { ?x cper:natureDeLaValeur ?o } WHERE { ?x a cper:Engagement ; cper:natureDeLaValeur ?o }
