DELETE { ?x skos:note ?o } WHERE { ?x a cper:Rapprochement ; skos:note ?o FILTER(LANG(?o) = "en") }
