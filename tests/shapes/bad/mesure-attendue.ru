DELETE DATA { <montant/etat> cper:montantParFinanceur "120000000"^^xsd:decimal };
DELETE DATA { <montant/total> cper:composeDe <montant/etat> }
