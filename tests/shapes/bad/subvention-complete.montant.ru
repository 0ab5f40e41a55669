INSERT DATA { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:montantAvantRepartition "2000.5"^^xsd:decimal }
