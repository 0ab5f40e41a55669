DELETE DATA { <cadre/fonds> dct:type <../../../def/code/type-de-cadre/fonds> }
