INSERT DATA { <../../territoire/fictif/lien/jeu-fictif> dct:created "2030-03-02"^^xsd:date }
