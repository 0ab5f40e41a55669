INSERT DATA { <montant/etat> qb:measureType cper:montantParFinanceur }
