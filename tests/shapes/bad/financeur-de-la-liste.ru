DELETE { ?x cper:financeur ?o } INSERT { ?x cper:financeur <../../code/type-d-organisme/etat> } WHERE { ?x cper:financeur ?o . FILTER(?x = <engagement/etat>) }
