DELETE { <engagement/etat> cper:natureDeLaValeur ?o } WHERE { <engagement/etat> cper:natureDeLaValeur ?o }
