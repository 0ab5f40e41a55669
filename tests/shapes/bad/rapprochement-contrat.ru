DELETE { ?x cper:jeuLie ?o } INSERT { ?x cper:jeuLie <https://www.data.gouv.fr/datasets/000000000000000000000001> } WHERE { ?x a cper:Contrat ; cper:jeuLie ?o }
