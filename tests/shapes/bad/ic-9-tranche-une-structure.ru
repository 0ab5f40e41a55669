INSERT DATA { <jeu/engagements> qb:slice <tranche> . <tranche> a qb:Slice }
