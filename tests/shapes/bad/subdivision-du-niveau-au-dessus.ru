INSERT DATA { <axe/1> skos:broadMatch <defi/1> . <defi/1> skos:inScheme <decoupage/defis> }
