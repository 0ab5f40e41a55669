DELETE { ?x cper:perimetre ?o } INSERT { ?x cper:perimetre <../../code/qualite/etat> } WHERE { ?x cper:perimetre ?o . FILTER(?x = <engagement/etat>) }
