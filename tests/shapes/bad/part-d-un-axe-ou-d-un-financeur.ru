INSERT DATA { <part/axe-1> cper:financeur <../../code/financeur/etat> }
