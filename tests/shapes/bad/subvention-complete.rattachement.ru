DELETE { ?decision skos:note ?note } WHERE { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:rattachement ?decision . ?decision skos:note ?note }
