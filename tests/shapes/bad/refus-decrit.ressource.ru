INSERT DATA { <../../organisme/fictif-etat> cper:jeuLie <https://www.data.gouv.fr/datasets/000000000000000000000000> }
