INSERT DATA { cper:schémaRégional a owl:Class }
