INSERT DATA { <../../territoire/fictif> cper:jeuLie <https://www.data.gouv.fr/fr/datasets/un-jeu-fictif/> }
