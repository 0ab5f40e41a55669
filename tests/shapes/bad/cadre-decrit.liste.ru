DELETE DATA { <cadre/fonds> dct:type <../../../def/code/type-de-cadre/fonds> };
INSERT DATA { <cadre/fonds> dct:type <../../../def/code/type-de-document/autre> }
