INSERT DATA { <jeu/engagements> qb:slice <tranche> . <tranche> qb:observation <part/axe-1> }
