DELETE { ?x sdmx-attribute:unitMeasure ?o } INSERT { ?x sdmx-attribute:unitMeasure <http://qudt.org/vocab/unit/PERCENT> } WHERE { ?x a liens:ValeurRetrouvee ; sdmx-attribute:unitMeasure ?o }
