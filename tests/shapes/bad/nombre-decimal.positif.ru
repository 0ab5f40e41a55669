DELETE { ?x obeu-measure:amount ?o } INSERT { ?x obeu-measure:amount "-120000000"^^xsd:decimal } WHERE { ?x obeu-measure:amount ?o }
