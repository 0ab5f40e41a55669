DELETE { ?x cper:siren ?o } INSERT { ?x cper:siren "999999014" } WHERE { ?x cper:siren ?o }
