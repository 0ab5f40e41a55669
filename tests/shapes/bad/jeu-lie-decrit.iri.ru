INSERT DATA { <../../territoire/fictif> liens:jeuLie <https://www.data.gouv.fr/fr/datasets/un-jeu-fictif/> }
