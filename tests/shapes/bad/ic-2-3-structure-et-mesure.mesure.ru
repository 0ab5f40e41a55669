DELETE DATA { <../../../def/structure/montant-total> qb:component <../../../def/structure/composant/montant-total> }
