DELETE DATA { <https://w3id.org/cper-lod/id/contrat/hauts-de-france-2021-2027/part/axe-3> cper:partParSubdivision 8.8 };
INSERT DATA { <https://w3id.org/cper-lod/id/contrat/hauts-de-france-2021-2027/part/axe-3> cper:partParSubdivision 8.3 }
