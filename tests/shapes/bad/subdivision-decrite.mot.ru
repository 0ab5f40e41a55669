DELETE DATA { <axe/1> dct:type <../../../def/code/type-de-subdivision/axe> }
