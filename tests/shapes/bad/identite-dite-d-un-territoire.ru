INSERT DATA { <axe/1> owl:sameAs <http://data.europa.eu/nuts/code/FRE> }
