DELETE { ?x cper:contrat ?o } WHERE { ?x a cper:Signataire ; cper:contrat ?o }
