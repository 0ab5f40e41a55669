DELETE { ?x dqv:isMeasurementOf ?o } INSERT { ?x dqv:isMeasurementOf <../../../def/code/nature/numeraire> } WHERE { ?x dqv:isMeasurementOf ?o }
