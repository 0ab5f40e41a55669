DELETE { ?x prov:wasDerivedFrom ?o } WHERE { ?x a dcat:Dataset ; prov:wasDerivedFrom ?o }
