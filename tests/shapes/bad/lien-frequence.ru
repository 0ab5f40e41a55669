DELETE { ?x dct:accrualPeriodicity ?o } INSERT { ?x dct:accrualPeriodicity <https://example.org/faux> } WHERE { ?x dct:accrualPeriodicity ?o }
