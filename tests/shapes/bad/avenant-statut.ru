DELETE { ?x adms:status ?o } WHERE { ?x a cper:Avenant ; adms:status ?o }
