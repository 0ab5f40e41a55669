DELETE { ?x cper:financeur ?o } WHERE { ?x a cper:Engagement ; cper:financeur ?o }
