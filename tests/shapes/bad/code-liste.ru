DELETE { <../../code/borne/exact> skos:inScheme ?o } WHERE { <../../code/borne/exact> skos:inScheme ?o }
