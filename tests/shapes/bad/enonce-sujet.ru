DELETE DATA { <enonce/tout> oa:hasBody <axe/1> }
