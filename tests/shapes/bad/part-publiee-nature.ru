DELETE { ?x cper:borne ?o } WHERE { ?x cper:pourcentage ?_ ; cper:borne ?o }
