DELETE { ?x cper:borne ?o } INSERT { ?x cper:borne <../../code/qualite/etat> } WHERE { ?x cper:borne ?o . FILTER(?x = <engagement/etat>) }
