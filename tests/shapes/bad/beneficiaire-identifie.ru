DELETE WHERE { <../../organisme/siren-999999022> cper:siren ?avant };
DELETE WHERE { <../../organisme/rna-W000000001> subv:rna ?avant }
