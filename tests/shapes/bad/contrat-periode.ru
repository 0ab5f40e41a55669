DELETE { ?x dct:temporal ?o } WHERE { ?x a cper:Contrat ; dct:temporal ?o }
