DELETE { ?x dcat:startDate ?o } WHERE { ?x a dct:PeriodOfTime ; dcat:startDate ?o }
