DELETE { ?x dct:license ?o } INSERT { ?x dct:license <https://creativecommons.org/licenses/by/4.0/> } WHERE { ?x dct:license ?o }
