DELETE DATA { <../../../def/cube/montant-total> qb:structure <../../../def/structure/montant-total> }
