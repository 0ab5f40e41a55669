INSERT { ?x qb:componentRequired false } WHERE { ?x qb:dimension cper:axeConcerne }
