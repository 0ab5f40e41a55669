DELETE { ?x rdf:type prov:Entity } WHERE { ?x a cper:Avenant }
