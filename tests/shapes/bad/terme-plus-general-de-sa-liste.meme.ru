INSERT DATA { <axe/1> skos:broadMatch <axe/2> }
