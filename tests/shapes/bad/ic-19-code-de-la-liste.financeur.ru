DELETE { ?x cper:financeur ?o } INSERT { ?x cper:financeur <../../code/statut/prevu> } WHERE { ?x cper:financeur ?o . FILTER(?x = <engagement/etat>) }
