DELETE { ?x dcat:servesDataset ?o } WHERE { ?x dcat:servesDataset ?o }
