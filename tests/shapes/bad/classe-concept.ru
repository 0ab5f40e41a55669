DELETE { ?x rdf:type skos:Concept } WHERE { ?x a cper:Priorite }
