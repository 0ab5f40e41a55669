DELETE { ?x skos:note ?o } WHERE { ?x a cper:ValeurRetrouvee ; skos:note ?o FILTER(LANG(?o) = "en") }
