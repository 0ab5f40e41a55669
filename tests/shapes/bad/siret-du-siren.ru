DELETE { ?x cper:siret ?o } INSERT { ?x cper:siret "99999902200018" } WHERE { ?x cper:siret ?o . FILTER(?x = <../../organisme/fictif-region>) }
