INSERT DATA { <axe/1> skos:topConceptOf <decoupage/priorites> }
