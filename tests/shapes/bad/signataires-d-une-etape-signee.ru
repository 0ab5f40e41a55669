DELETE DATA { <etape/signature> adms:status <../../../def/code/statut/signe> };
INSERT DATA { <etape/signature> adms:status <../../../def/code/statut/approuve> }
