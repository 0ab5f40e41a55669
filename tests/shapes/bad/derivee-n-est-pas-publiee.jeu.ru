DELETE { ?x qb:dataSet ?o } INSERT { ?x qb:dataSet <jeu/engagements> } WHERE { ?x qb:dataSet ?o . FILTER(?x = <derive/total>) }
