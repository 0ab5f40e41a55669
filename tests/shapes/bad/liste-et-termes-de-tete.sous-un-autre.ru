INSERT DATA { <axe/1> skos:broader <axe/2> }
