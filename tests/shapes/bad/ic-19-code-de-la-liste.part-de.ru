DELETE { ?x cper:partDe ?o } INSERT { ?x cper:partDe <../../code/statut/prevu> } WHERE { ?x cper:partDe ?o . FILTER(?x = <part/axe-1>) }
