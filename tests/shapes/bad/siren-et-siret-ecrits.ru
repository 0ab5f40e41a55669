DELETE { ?x cper:siren ?o } INSERT { ?x cper:siren "999 999 014" } WHERE { ?x cper:siren ?o }
