DELETE DATA { <montant/etat> qb:dataSet <../../../def/cube/montant-par-financeur> }
