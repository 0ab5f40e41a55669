DELETE { ?x skos:hasTopConcept <../../code/borne/exact> } WHERE { ?x skos:hasTopConcept <../../code/borne/exact> }
