INSERT DATA { <../../organisme/fictif-region/lien/jeu-fictif> dct:relation <https://www.data.gouv.fr/datasets/000000000000000000000000> ; cper:cle cper:siren }
