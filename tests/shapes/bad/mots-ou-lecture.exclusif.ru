DELETE DATA { <lecture/axes> cper:atteste cper:exclusif }; INSERT DATA { <lecture/axes> cper:atteste skos:prefLabel }
