DELETE { <../../code/borne/exact> skos:definition ?o } WHERE { <../../code/borne/exact> skos:definition ?o }
