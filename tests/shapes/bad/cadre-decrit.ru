DELETE DATA { <cadre/fonds> dct:type <../../code/type-de-cadre/fonds> }
