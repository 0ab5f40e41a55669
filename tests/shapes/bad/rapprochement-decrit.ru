DELETE { ?x dcat:qualifiedRelation ?o } WHERE { ?x dcat:qualifiedRelation ?o }
