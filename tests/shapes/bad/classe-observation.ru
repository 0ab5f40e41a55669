DELETE { ?x rdf:type qb:Observation } WHERE { ?x a cper:Engagement }
