DELETE WHERE { <../../subvention/999999014/2030-05-01-0123456789abcdef> subv:ligne ?avant }
