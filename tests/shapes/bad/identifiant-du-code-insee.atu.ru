INSERT DATA { <../../territoire/fictif-iles> igeo:codeINSEE "99" ; skos:exactMatch <http://publications.europa.eu/resource/authority/atu/FRA_DPT_098> }
