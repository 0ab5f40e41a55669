DELETE { ?x skos:inScheme ?o } WHERE { ?y dcat:theme ?x . ?x skos:inScheme ?o }
