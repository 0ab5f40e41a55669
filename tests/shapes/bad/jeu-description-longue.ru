DELETE { ?x dct:description ?o } INSERT { ?x dct:description "Trop court (fictif)."@fr } WHERE { ?x dct:description ?o . FILTER(?x = <../../jeu-de-donnees/fictif>) }
