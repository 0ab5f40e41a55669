INSERT DATA { <https://example.org/faux> cper:jeuLie <https://www.data.gouv.fr/datasets/000000000000000000000000> }
