INSERT DATA { <../../lien/fictif> dct:created "2030-03-02"^^xsd:date }
