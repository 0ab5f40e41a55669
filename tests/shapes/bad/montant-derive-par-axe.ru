DELETE { ?x obeu-measure:amount ?o } INSERT { ?x obeu-measure:amount "121000000"^^xsd:decimal } WHERE { ?x obeu-measure:amount ?o . FILTER(?x = <derive/axe-1>) }
