DELETE { <../../code/borne/exact> skos:notation ?o } WHERE { <../../code/borne/exact> skos:notation ?o }
