DELETE { ?x cper:groupe ?o } WHERE { ?x a cper:Signataire ; cper:groupe ?o }
