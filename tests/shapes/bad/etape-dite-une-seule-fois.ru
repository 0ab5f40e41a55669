INSERT { <etape/signature-bis> ?p ?o } WHERE { <etape/signature> ?p ?o FILTER(?p != dct:date) }
