DELETE { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:natureDeLAide ?avant } INSERT { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:natureDeLAide <../../../def/code/nature-de-la-valeur/exact> }
WHERE { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:natureDeLAide ?avant }
