DELETE { ?n skos:inScheme ?o } WHERE { ?x org:classification ?n . ?n skos:inScheme ?o }
