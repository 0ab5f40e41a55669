DELETE { ?x liens:valeurRetrouvee ?o } WHERE { ?x liens:valeurRetrouvee ?o }
