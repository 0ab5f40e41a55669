DELETE { <../../subvention/999999014/2030-05-01-0123456789abcdef> cper:natureDeLAide ?avant } INSERT { <../../subvention/999999014/2030-05-01-0123456789abcdef> cper:natureDeLAide <../../../def/code/nature-de-la-valeur/exact> }
WHERE { <../../subvention/999999014/2030-05-01-0123456789abcdef> cper:natureDeLAide ?avant }
