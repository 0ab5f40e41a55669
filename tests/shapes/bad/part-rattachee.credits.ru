DELETE { ?x cper:partDe ?o } INSERT { ?x cper:partDe <../../code/denominateur/credits> } WHERE { ?x cper:partDe ?o . FILTER(?x = <part/etat>) }
