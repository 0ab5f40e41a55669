DELETE { ?x skos:note ?o } WHERE { ?x a liens:ValeurRetrouvee ; skos:note ?o FILTER(LANG(?o) = "en") }
