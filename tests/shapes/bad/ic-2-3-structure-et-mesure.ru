DELETE DATA { <../../cube/montant-total> qb:structure <../../structure/montant-total> }
