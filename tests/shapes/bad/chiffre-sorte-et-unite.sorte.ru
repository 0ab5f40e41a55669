DELETE DATA { <chiffre/projets> dct:type <../../../def/code/type-de-chiffre/nombre> }
