DELETE DATA { <axe/2> skos:notation 2 };
INSERT DATA { <axe/2> skos:notation 1 }
