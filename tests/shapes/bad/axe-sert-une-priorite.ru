DELETE { ?x cper:sert ?o } WHERE { ?x a cper:Axe ; cper:sert ?o }
