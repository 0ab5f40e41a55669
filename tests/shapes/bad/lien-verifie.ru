INSERT DATA { <../../territoire/fictif/lien/disparu> liens:lignes 3 ; dct:modified "2030-03-02"^^xsd:date }
