INSERT DATA { <priorite/1> skos:broader <axe/1> }
