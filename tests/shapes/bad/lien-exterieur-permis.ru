INSERT DATA { <axe/1> rdfs:seeAlso <https://example.org/faux> }
