DELETE { ?x org:classification ?o } WHERE { ?_ cper:signePar ?x . ?x org:classification ?o }
