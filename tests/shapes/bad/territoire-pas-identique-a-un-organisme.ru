INSERT DATA { <../../territoire/fictif> owl:sameAs <../../organisme/fictif-region> }
