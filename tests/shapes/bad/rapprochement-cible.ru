DELETE { ?x oa:hasTarget ?o } INSERT { ?x oa:hasTarget <https://example.org/faux> } WHERE { ?x oa:hasTarget ?o . FILTER(?x = <../../lien/fictif>) }
