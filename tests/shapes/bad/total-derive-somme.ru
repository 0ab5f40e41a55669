DELETE { ?x obeu-measure:amount ?o } INSERT { ?x obeu-measure:amount "210000000"^^xsd:decimal } WHERE { ?x obeu-measure:amount ?o . FILTER(?x = <derive/total>) }
