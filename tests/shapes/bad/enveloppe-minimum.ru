DELETE { ?x cper:minimum ?o } WHERE { ?x a cper:Enveloppe ; cper:minimum ?o }
