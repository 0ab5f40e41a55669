INSERT DATA { <../../structure/engagements> qb:sliceKey <cle> . <cle> a qb:SliceKey ; qb:componentProperty cper:axeConcerne }
