DELETE { ?x skos:notation ?o } INSERT { ?x skos:notation "un" } WHERE { ?x skos:notation ?o . ?x a cper:Axe }
