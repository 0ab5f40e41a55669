DELETE { <lecture/axes> dct:description ?o } WHERE { <lecture/axes> dct:description ?o }
