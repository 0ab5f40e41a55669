DELETE { ?x oa:hasBody ?o } INSERT { ?x oa:hasBody <https://example.org/faux> } WHERE { ?x oa:hasBody ?o . FILTER(?x = <../../lien/fictif>) }
