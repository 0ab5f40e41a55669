INSERT DATA { <../../territoire/fictif-iles> skos:exactMatch <http://id.insee.fr/geo/region/999> }
