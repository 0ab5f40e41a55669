DELETE { <../../subvention/999999014/2030-05-01-0123456789abcdef> cper:siretBeneficiaire ?avant } INSERT { <../../subvention/999999014/2030-05-01-0123456789abcdef> cper:siretBeneficiaire "999 999 022 00018" }
WHERE { <../../subvention/999999014/2030-05-01-0123456789abcdef> cper:siretBeneficiaire ?avant }
