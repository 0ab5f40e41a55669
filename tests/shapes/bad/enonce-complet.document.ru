DELETE { ?x prov:wasDerivedFrom ?o } WHERE { ?x a cper:Enonce ; prov:wasDerivedFrom ?o }
