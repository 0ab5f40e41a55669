INSERT DATA { <axe/1> dct:license <https://example.org/faux> }
