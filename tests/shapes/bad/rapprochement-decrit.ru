DELETE { ?x liens:colonne ?o } WHERE { ?x a liens:Rapprochement ; liens:colonne ?o }
