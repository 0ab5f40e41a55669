DELETE { ?x cper:cle ?o } INSERT { ?x cper:cle cper:siren } WHERE { ?x cper:cle ?o }
