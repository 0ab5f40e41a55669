DELETE { ?x cper:axe ?o } WHERE { ?x a cper:Priorite ; cper:axe ?o }
