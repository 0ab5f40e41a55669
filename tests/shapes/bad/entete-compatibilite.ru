DELETE { ?x owl:backwardCompatibleWith ?o } WHERE { ?x owl:backwardCompatibleWith ?o }
