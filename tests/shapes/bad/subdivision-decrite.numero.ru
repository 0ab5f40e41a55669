DELETE DATA { <axe/1> skos:notation 1 };
INSERT DATA { <axe/1> skos:notation "un" }
