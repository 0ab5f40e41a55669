DELETE { ?x cper:territoire ?o } WHERE { ?_ cper:signePar ?x . ?x cper:territoire ?o }
