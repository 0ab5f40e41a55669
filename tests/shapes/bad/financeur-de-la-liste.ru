DELETE { ?x cper:financeur ?o } INSERT { ?x cper:financeur <../../code/qualite/etat> } WHERE { ?x cper:financeur ?o . FILTER(?x = <engagement/etat>) }
