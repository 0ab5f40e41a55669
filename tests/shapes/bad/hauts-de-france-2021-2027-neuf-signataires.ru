DELETE DATA { <https://w3id.org/cper-lod/id/contrat/hauts-de-france-2021-2027> cper:signePar <https://w3id.org/cper-lod/id/organisme/departement-oise> }
