DELETE { ?x liens:lignes ?o } INSERT { ?x liens:lignes -1 } WHERE { ?x liens:lignes ?o }
