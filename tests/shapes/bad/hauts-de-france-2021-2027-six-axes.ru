DELETE DATA { <https://w3id.org/cper-lod/id/contrat/hauts-de-france-2021-2027/axe/6> skos:inScheme <https://w3id.org/cper-lod/id/contrat/hauts-de-france-2021-2027/decoupage/axes> }
