DELETE DATA { <../../territoire/fictif> igeo:codeINSEE "999" };
INSERT DATA { <../../territoire/fictif> igeo:codeINSEE "998" }
