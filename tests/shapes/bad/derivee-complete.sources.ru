DELETE { ?x prov:wasDerivedFrom ?o } WHERE { ?x a cper:ValeurDerivee ; prov:wasDerivedFrom ?o }
