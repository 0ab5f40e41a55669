DELETE { ?x cper:valeurPubliee ?o } WHERE { ?x a cper:Engagement ; cper:valeurPubliee ?o }
