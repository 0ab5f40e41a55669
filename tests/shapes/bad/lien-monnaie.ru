DELETE { ?x obeu-attribute:currency ?o } INSERT { ?x obeu-attribute:currency <https://example.org/faux> } WHERE { ?x obeu-attribute:currency ?o }
