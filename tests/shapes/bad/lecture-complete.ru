DELETE DATA { <lecture/axes> dct:creator <../../organisme/fictif-etat> }
