DELETE { ?n skos:inScheme ?o } WHERE { ?x a cper:Signataire ; org:role ?n . ?n skos:inScheme ?o }
