DELETE { ?x cper:contrat ?o } INSERT { ?x cper:contrat <axe/1> } WHERE { BIND(<part/axe-2> AS ?x) ?x cper:contrat ?o }
