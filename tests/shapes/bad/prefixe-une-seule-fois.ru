INSERT DATA { cper:prefixe-autre sh:prefix "org" ; sh:namespace "http://example.org/"^^xsd:anyURI }
