DELETE { ?x skos:notation ?o } WHERE { ?x a cper:Axe ; skos:notation ?o }
