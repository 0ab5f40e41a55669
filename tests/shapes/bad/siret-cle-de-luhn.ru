DELETE { ?x cper:siret ?o } INSERT { ?x cper:siret "99999901400016" } WHERE { ?x cper:siret ?o }
