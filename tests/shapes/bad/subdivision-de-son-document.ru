DELETE DATA { <axe/3> cper:enonce <enonce/tout> };
INSERT DATA { <priorite/1> skos:prefLabel "axe 3 (fictif)"@fr }
