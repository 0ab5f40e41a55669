INSERT DATA { <../../../def/structure/composant/financeur> qb:componentRequired false }
