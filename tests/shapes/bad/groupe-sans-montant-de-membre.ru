INSERT DATA { <groupe/autres> foaf:member <../../organisme/fictif-region> }
