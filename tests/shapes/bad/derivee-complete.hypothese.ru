DELETE { ?x cper:hypothese ?texte } WHERE { ?x a cper:ValeurDerivee ; cper:hypothese ?texte . FILTER(LANG(?texte) = "en") }
