DELETE { ?x cper:valeurPubliee ?o } WHERE { ?x cper:pourcentage ?_ ; cper:valeurPubliee ?o }
