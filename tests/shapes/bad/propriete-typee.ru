DELETE DATA { cper:siren a owl:DatatypeProperty }
