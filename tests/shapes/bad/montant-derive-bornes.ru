DELETE { ?x cper:maximum ?o } INSERT { ?x cper:maximum "122000000"^^xsd:decimal } WHERE { ?x cper:maximum ?o . FILTER(?x = <derive/axe-1>) }
