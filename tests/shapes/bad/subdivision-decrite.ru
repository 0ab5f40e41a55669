DELETE DATA { <axe/1> skos:inScheme <decoupage/axes> }
