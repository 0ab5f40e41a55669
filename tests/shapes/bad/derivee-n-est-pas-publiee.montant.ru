INSERT DATA { <derive/total> obeu-measure:amount "200000000"^^xsd:decimal }
