DELETE { ?x cper:citation ?o } INSERT { ?x cper:citation "sans langue" } WHERE { ?x cper:citation ?o }
