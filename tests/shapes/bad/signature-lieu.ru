DELETE { ?x prov:atLocation ?o } WHERE { ?x a cper:Signature ; prov:atLocation ?o }
