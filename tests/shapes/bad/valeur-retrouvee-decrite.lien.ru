DELETE { ?x cper:valeurRetrouvee ?o } WHERE { ?x cper:valeurRetrouvee ?o }
