INSERT DATA { <../../cube/montant-par-financeur> qb:slice <tranche> }
