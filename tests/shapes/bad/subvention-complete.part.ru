DELETE { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:partDuBeneficiaire ?avant } INSERT { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:partDuBeneficiaire "0.45"^^xsd:decimal }
WHERE { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:partDuBeneficiaire ?avant }
