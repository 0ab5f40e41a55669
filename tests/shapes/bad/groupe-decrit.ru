DELETE DATA { <groupe/autres> dct:type <../../../def/code/type-d-organisme/groupe> }
