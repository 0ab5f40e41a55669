INSERT DATA { <groupe/autres> foaf:member <axe/1> }
