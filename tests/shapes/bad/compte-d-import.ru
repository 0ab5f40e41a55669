INSERT DATA { <../../fichier/fictif/compte/gardees> dqv:value 2 }
