DELETE { ?x cper:siren ?o } INSERT { ?x cper:siren "999999015" } WHERE { ?x cper:siren ?o }
