DELETE { ?x spdx:checksumValue ?o } INSERT { ?x spdx:checksumValue "abc"^^xsd:hexBinary } WHERE { ?x spdx:checksumValue ?o }
