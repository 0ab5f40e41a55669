INSERT DATA { <../../document/fictif> skos:prefLabel "« Le contrat » (1er mars 2030)"@fr }
