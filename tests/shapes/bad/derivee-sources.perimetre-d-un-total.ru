DELETE { ?x cper:perimetre ?o } INSERT { ?x cper:perimetre <../../code/perimetre/total> } WHERE { ?x cper:perimetre ?o . FILTER(?x = <derive/total>) }
