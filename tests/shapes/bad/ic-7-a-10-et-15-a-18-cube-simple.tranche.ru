INSERT DATA { <../../../def/cube/montant-par-financeur> qb:slice <tranche> }
