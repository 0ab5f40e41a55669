DELETE DATA { <avenant/fictif> cper:subdivision <axe/3> };
INSERT DATA { <avenant/fictif> cper:subdivision <decoupage/axes> }
