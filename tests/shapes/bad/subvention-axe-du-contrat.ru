DELETE { <../../subvention/999999014/2030-05-01-0123456789abcdef> cper:axeConcerne ?avant } INSERT { <../../subvention/999999014/2030-05-01-0123456789abcdef> cper:axeConcerne <priorite/1> }
WHERE { <../../subvention/999999014/2030-05-01-0123456789abcdef> cper:axeConcerne ?avant }
