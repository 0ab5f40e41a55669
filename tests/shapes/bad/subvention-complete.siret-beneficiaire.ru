DELETE { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:siretBeneficiaire ?avant } INSERT { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:siretBeneficiaire "999 999 022 00018" }
WHERE { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:siretBeneficiaire ?avant }
