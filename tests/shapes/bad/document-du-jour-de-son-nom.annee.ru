INSERT DATA { <../../document/presse-fictive> skos:prefLabel "Article (mars 2031)"@fr }
