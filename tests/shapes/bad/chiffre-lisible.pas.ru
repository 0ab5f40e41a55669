DELETE DATA { <montant/etat> cper:pas "1000000"^^xsd:decimal }
