INSERT DATA { <../../territoire/fictif> a org:FormalOrganization }
