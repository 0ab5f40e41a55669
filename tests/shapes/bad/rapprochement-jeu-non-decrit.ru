INSERT DATA { <https://www.data.gouv.fr/datasets/000000000000000000000000> a dcat:Dataset }
