INSERT { ?x dct:relation <https://www.data.gouv.fr/fr/datasets/un-jeu-fictif/> } WHERE { ?x a dcat:Dataset }
