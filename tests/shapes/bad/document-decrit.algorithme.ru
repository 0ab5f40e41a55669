DELETE { ?x spdx:algorithm ?o } INSERT { ?x spdx:algorithm <http://spdx.org/rdf/terms#checksumAlgorithm_sha1> } WHERE { ?x spdx:algorithm ?o }
