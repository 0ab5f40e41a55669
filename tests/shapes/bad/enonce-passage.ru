DELETE { ?x oa:hasTarget ?o } WHERE { ?x a cper:Enonce ; oa:hasTarget ?o }
