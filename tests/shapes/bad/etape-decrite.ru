DELETE DATA { <etape/signature> adms:status <../../../def/code/statut/signe> }
