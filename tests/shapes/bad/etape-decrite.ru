DELETE DATA { <etape/signature> adms:status <../../code/statut/signe> }
