DELETE { ?x dqv:isMeasurementOf ?o } INSERT { ?x dqv:isMeasurementOf <../../code/nature/numeraire> } WHERE { ?x dqv:isMeasurementOf ?o }
