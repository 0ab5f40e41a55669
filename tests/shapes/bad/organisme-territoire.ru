DELETE { ?x cper:territoire ?o } WHERE { ?_ org:member ?x . ?x cper:territoire ?o }
