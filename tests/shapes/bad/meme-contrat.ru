INSERT DATA { <axe/1> skos:broadMatch <../autre/priorite/1> . <../autre/priorite/1> cper:contrat <../autre> }
