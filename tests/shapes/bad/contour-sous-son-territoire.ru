INSERT DATA { <../../territoire/fictif> geo:hasGeometry <../../territoire/fictif-iles/contour> }
