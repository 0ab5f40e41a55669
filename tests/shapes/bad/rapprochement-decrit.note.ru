DELETE { ?x skos:note ?o } WHERE { ?x a liens:Rapprochement ; skos:note ?o FILTER(LANG(?o) = "en") }
