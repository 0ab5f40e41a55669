INSERT DATA { <../fictif-2030-2036> cper:signePar <../../organisme/fictif-commune> }
