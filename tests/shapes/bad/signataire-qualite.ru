DELETE { ?x org:role ?o } WHERE { ?x a cper:Signataire ; org:role ?o }
