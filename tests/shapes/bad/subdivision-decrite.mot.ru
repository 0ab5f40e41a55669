DELETE DATA { <axe/1> dct:type <../../code/type-de-subdivision/axe> }
