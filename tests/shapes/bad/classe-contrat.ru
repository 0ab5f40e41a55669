DELETE { ?x rdf:type cper:Contrat } WHERE { ?x a cper:ContratDePlan }
