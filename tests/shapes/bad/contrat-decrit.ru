DELETE { ?x cper:territoire ?o } WHERE { ?x a cper:Contrat ; cper:territoire ?o }
