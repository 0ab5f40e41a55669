DELETE DATA { <montant/autres> cper:montantParFinanceur "20000000"^^xsd:decimal }
