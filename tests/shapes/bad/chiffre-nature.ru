DELETE { ?x cper:borne ?o } WHERE { ?x a cper:Engagement ; cper:borne ?o }
