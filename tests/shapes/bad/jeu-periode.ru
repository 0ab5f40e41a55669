DELETE { ?x dct:temporal ?o } INSERT { ?x dct:temporal <periode> } WHERE { ?x dct:temporal ?o . ?x a dcat:Dataset }
