DELETE DATA { <https://www.data.gouv.fr/datasets/000000000000000000000000> skos:note "Note (fictif)."@en }
