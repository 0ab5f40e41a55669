INSERT DATA { <axe/1> skos:broader <../autre/priorite/1> . <../autre/priorite/1> cper:contrat <../autre> }
