DELETE { ?x cper:enonce ?o } WHERE { ?x a cper:Contrat ; cper:enonce ?o }
