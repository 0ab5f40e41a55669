DELETE DATA { <../../document/fictif> dct:language <http://publications.europa.eu/resource/authority/language/FRA> };
INSERT DATA { <../../document/fictif> dct:language <http://publications.europa.eu/resource/authority/language/ENG> }
