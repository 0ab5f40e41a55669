DELETE { ?x cper:priorite ?o } WHERE { ?x a cper:Contrat ; cper:priorite ?o }
