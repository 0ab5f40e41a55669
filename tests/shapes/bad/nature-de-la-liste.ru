DELETE { ?x cper:borne ?o } INSERT { ?x cper:borne <../../code/type-d-organisme/etat> } WHERE { ?x cper:borne ?o . FILTER(?x = <engagement/etat>) }
