DELETE { ?x cper:citation ?o } WHERE { ?x a cper:Enonce ; cper:citation ?o }
