DELETE { ?x prov:wasQuotedFrom ?o } WHERE { ?x a cper:Enonce ; prov:wasQuotedFrom ?o }
