INSERT DATA { <jeu/engagements> qb:slice <tranche> . <tranche> a qb:Slice ; qb:sliceStructure <cle> . <cle> a qb:SliceKey ; qb:componentProperty cper:contrat }
