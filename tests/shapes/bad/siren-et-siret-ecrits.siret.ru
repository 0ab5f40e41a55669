DELETE { ?x cper:siret ?o } INSERT { ?x cper:siret "999999014" } WHERE { ?x cper:siret ?o }
