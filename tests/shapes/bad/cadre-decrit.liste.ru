DELETE DATA { <cadre/fonds> dct:type <../../code/type-de-cadre/fonds> };
INSERT DATA { <cadre/fonds> dct:type <../../code/type-de-document/autre> }
