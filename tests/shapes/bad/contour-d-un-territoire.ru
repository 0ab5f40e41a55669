DELETE DATA { <../../territoire/fictif-iles> a geo:Feature }
