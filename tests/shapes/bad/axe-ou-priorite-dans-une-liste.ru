DELETE { ?x skos:inScheme ?o } WHERE { ?x a cper:Axe ; skos:inScheme ?o }
