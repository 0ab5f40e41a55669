DELETE { <jeu/enveloppe> qb:structure ?o } WHERE { <jeu/enveloppe> qb:structure ?o }
