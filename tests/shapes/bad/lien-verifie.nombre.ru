DELETE { ?x cper:lignes ?o } INSERT { ?x cper:lignes -1 } WHERE { ?x cper:lignes ?o }
