DELETE { ?x org:member ?o } WHERE { ?x a cper:Signataire ; org:member ?o }
