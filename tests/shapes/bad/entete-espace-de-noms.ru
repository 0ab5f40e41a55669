DELETE { ?x vann:preferredNamespaceUri ?o } INSERT { ?x vann:preferredNamespaceUri "https://w3id.org/cper-lod/ontology/" } WHERE { ?x vann:preferredNamespaceUri ?o }
