DELETE { ?x cper:jeuLie ?o } WHERE { ?x dcat:qualifiedRelation ?l ; cper:jeuLie ?o }
