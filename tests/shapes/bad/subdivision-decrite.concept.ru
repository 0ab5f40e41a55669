DELETE DATA { <axe/1> a skos:Concept }
