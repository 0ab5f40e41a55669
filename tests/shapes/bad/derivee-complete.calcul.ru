DELETE { ?x prov:wasGeneratedBy ?o } WHERE { ?x a cper:ValeurDerivee ; prov:wasGeneratedBy ?o }
