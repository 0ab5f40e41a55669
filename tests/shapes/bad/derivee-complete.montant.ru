DELETE { ?x cper:montantDerive ?o } WHERE { ?x a cper:ValeurDerivee ; cper:montantDerive ?o }
