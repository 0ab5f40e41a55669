DELETE { ?x rdf:type org:Membership } WHERE { ?x a cper:Signataire }
