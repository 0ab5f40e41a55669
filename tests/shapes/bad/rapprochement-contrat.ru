DELETE { ?x cper:jeuLie ?o } WHERE { ?x a cper:Contrat ; cper:jeuLie ?o }
