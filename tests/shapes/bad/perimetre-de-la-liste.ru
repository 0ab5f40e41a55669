DELETE { ?x cper:perimetre ?o } INSERT { ?x cper:perimetre <../../code/type-d-organisme/etat> } WHERE { ?x cper:perimetre ?o . FILTER(?x = <engagement/etat>) }
