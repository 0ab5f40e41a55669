DELETE { <part/axe-1> qb:dataSet ?o } WHERE { <part/axe-1> qb:dataSet ?o }
