DELETE { <decoupage/axes> skos:prefLabel ?o } INSERT { <decoupage/axes> skos:prefLabel "Volets (fictif)"@fr, "Axes (fictif)"@en } WHERE { <decoupage/axes> skos:prefLabel ?o }
