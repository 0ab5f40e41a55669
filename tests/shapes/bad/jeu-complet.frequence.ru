DELETE { ?x dct:accrualPeriodicity ?o } WHERE { ?x a dcat:Dataset ; dct:accrualPeriodicity ?o }
