INSERT DATA { <../../document/fictif> skos:prefLabel "Communiqué du 11 février 2030"@fr }
