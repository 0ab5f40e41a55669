DELETE DATA { <../../document/fictif> dct:type <../../../def/code/type-de-document/prefecture> }
