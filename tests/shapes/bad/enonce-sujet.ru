DELETE { ?x oa:hasBody ?o } WHERE { ?x a cper:Enonce ; oa:hasBody ?o }
