DELETE { ?x obeu-measure:amount ?o } INSERT { ?x obeu-measure:amount "1.2E8"^^xsd:double } WHERE { ?x obeu-measure:amount ?o }
