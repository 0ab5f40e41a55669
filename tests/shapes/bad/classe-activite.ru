DELETE { ?x rdf:type prov:Activity } WHERE { ?x a cper:Signature }
