DELETE { ?x cper:valeurPubliee ?o } INSERT { ?x cper:valeurPubliee "102 M€"@fr } WHERE { ?x cper:valeurPubliee ?o . FILTER(?x = <engagement/etat>) }
