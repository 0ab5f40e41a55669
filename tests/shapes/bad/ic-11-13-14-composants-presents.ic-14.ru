DELETE DATA { <montant/etat> cper:montantParFinanceur "120000000"^^xsd:decimal }
