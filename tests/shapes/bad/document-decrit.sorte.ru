DELETE DATA { <../../document/fictif> dct:type <../../code/type-de-document/prefecture> }
