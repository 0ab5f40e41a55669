DELETE { ?x liens:concerne ?o } WHERE { ?x liens:concerne ?o }
