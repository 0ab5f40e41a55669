INSERT DATA { <../../subvention/999999014/2030-05-01-0123456789abcdef> cper:subdivision <../autre/axe/1> . <../autre/axe/1> cper:contrat <../autre> }
