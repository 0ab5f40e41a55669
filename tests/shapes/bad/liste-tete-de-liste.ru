DELETE { <../../code/borne/exact> skos:topConceptOf ?o } WHERE { <../../code/borne/exact> skos:topConceptOf ?o }
