DELETE { <axe/1> skos:prefLabel ?o } INSERT { <axe/1> skos:prefLabel "Аxe 1 (fictif)"@fr, "Axis 1 (fictif)"@en } WHERE { <axe/1> skos:prefLabel ?o }
