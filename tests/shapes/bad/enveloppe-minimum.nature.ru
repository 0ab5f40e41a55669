DELETE { ?x cper:natureDeLaValeur <https://w3id.org/cper-lod/id/code/nature-de-la-valeur/minimum> } WHERE { ?x a cper:Enveloppe }
