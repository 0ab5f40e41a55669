DELETE { ?x cper:concerne ?o } WHERE { ?x cper:concerne ?o }
