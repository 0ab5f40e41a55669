INSERT DATA { <axe/1> skos:prefLabel "Deuxième nom (fictif)"@fr }
