DELETE { ?x owl:versionInfo ?o } INSERT { ?x owl:versionInfo "0.9.9" } WHERE { ?x a owl:Ontology ; owl:versionInfo ?o }
