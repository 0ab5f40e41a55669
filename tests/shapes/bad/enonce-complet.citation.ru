DELETE { ?x oa:exact ?o } WHERE { ?x a cper:Enonce ; oa:exact ?o }
