DELETE { ?x oa:hasBody ?o } INSERT { ?x oa:hasBody <https://www.data.gouv.fr/fr/datasets/un-jeu-fictif/> } WHERE { ?x oa:hasBody ?o . FILTER(?x = <../../lien/fictif>) }
