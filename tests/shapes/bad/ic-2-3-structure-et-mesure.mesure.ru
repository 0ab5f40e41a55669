DELETE DATA { <../../structure/montant-total> qb:component <../../structure/composant/montant-total> }
