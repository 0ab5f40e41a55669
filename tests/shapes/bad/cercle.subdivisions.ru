INSERT DATA { <priorite/1> skos:broadMatch <axe/1> }
