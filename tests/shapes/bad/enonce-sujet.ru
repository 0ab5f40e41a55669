DELETE { ?x cper:enonce <enonce/presse> } WHERE { ?x cper:enonce <enonce/presse> }
