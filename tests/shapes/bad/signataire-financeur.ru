DELETE { ?x cper:financeur ?o } WHERE { ?x a cper:Signataire ; cper:financeur ?o }
