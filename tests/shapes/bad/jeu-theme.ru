DELETE { ?x dcat:theme ?o } WHERE { ?x a dcat:Dataset ; dcat:theme ?o }
