DELETE DATA { <groupe/autres> org:classification <../../code/type-d-organisme/groupe> }
