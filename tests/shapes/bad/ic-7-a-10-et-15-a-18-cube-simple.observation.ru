INSERT DATA { <tranche> qb:observation <montant/etat> }
