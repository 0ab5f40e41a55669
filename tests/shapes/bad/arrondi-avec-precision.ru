DELETE { ?x cper:precision ?o } WHERE { ?x cper:precision ?o }
