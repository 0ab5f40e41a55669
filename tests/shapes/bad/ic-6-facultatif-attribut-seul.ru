INSERT DATA { <../../structure/composant/financeur> qb:componentRequired false }
