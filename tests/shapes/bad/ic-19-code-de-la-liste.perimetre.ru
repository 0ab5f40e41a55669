DELETE { ?x cper:perimetre ?o } INSERT { ?x cper:perimetre <../../code/statut/prevu> } WHERE { ?x cper:perimetre ?o . FILTER(?x = <engagement/etat>) }
