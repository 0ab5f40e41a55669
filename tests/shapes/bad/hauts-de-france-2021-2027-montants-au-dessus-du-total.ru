DELETE WHERE { <https://w3id.org/cper-lod/id/contrat/hauts-de-france-2021-2027/montant/region> cper:montantParFinanceur ?m };
INSERT DATA { <https://w3id.org/cper-lod/id/contrat/hauts-de-france-2021-2027/montant/region> cper:montantParFinanceur 900000000.0 }
