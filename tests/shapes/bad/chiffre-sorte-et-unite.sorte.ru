DELETE DATA { <chiffre/projets> dct:type <../../code/type-de-chiffre/nombre> }
