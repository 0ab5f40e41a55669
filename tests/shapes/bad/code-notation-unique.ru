DELETE { <../../code/borne/exact> skos:notation ?o } INSERT { <../../code/borne/exact> skos:notation "minimum" } WHERE { <../../code/borne/exact> skos:notation ?o }
