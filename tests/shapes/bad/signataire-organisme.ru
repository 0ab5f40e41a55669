DELETE { ?x prov:agent ?o } WHERE { ?x a cper:Signataire ; prov:agent ?o }
