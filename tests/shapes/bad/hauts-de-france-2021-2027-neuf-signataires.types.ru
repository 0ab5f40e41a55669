DELETE DATA { <https://w3id.org/cper-lod/id/organisme/departement-oise> org:classification <../../../def/code/type-d-organisme/departement> };
INSERT DATA { <https://w3id.org/cper-lod/id/organisme/departement-oise> org:classification <../../../def/code/type-d-organisme/epci> }
