DELETE DATA { <decoupage/axes> a skos:ConceptScheme }
