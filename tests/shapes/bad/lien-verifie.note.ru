INSERT DATA { <../../territoire/fictif/lien/disparu> skos:editorialNote "Rien (fictif)."@fr, "Nothing (fictif)."@en ; dct:modified "2030-03-02"^^xsd:date }
