DELETE DATA { <etape/signature> adms:status <../../code/statut/signe> };
INSERT DATA { <etape/signature> adms:status <../../code/statut/approuve> }
