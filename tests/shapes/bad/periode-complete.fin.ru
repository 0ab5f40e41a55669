DELETE { ?x dcat:endDate ?o } WHERE { ?x a dct:PeriodOfTime ; dcat:endDate ?o }
