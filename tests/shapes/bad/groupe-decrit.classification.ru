INSERT DATA { <groupe/autres> org:classification <../../../def/code/type-d-organisme/groupe> }
