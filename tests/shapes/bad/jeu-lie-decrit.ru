DELETE DATA { <https://www.data.gouv.fr/datasets/000000000000000000000000> skos:prefLabel "Linked dataset (fictif)"@en }
