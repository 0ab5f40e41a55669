DELETE { <../../code/type-d-organisme/etat> skos:inScheme ?o } WHERE { <../../code/type-d-organisme/etat> skos:inScheme ?o }
