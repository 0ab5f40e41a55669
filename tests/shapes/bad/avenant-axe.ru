DELETE { ?x cper:axeConcerne ?o } WHERE { ?x a cper:Avenant ; cper:axeConcerne ?o }
