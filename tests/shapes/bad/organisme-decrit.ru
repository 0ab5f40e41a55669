DELETE DATA { <../../organisme/fictif-region> org:classification <../../../def/code/type-d-organisme/region> }
