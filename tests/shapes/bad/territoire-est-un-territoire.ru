DELETE DATA { <../../territoire/fictif> a geo:Feature }
