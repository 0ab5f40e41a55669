DELETE { ?x cper:signature ?o } WHERE { ?x a cper:Contrat ; cper:signature ?o }
