DELETE { ?x cper:colonne ?o } WHERE { ?x a cper:Rapprochement ; cper:colonne ?o }
