DELETE DATA { <../../territoire/fictif> cper:jeuLie <https://www.data.gouv.fr/datasets/000000000000000000000000> };
INSERT DATA { <../../territoire/fictif> cper:jeuLie <https://www.data.gouv.fr/datasets/000000000000000000000001> }
