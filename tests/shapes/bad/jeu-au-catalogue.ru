DELETE { ?x dcat:dataset <../../jeu-de-donnees/fictif-2> } WHERE { ?x dcat:dataset <../../jeu-de-donnees/fictif-2> }
