DELETE { ?x cper:atteste ?o } WHERE { ?x a cper:Enonce ; cper:atteste ?o }
