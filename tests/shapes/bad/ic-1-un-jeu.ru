DELETE DATA { <montant/etat> qb:dataSet <../../cube/montant-par-financeur> }
