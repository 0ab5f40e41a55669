DELETE { ?x cper:enonce ?o } WHERE { ?x a cper:Engagement ; cper:enonce ?o }
