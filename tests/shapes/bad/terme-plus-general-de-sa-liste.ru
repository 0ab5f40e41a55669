INSERT DATA { <axe/1> skos:broader <priorite/1> }
