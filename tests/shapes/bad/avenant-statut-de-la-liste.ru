DELETE { ?n skos:inScheme ?o } WHERE { ?x a cper:Avenant ; adms:status ?n . ?n skos:inScheme ?o }
