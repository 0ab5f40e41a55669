INSERT DATA { <../../organisme/fictif-region> skos:exactMatch <http://www.wikidata.org/entity/Q1> }
