INSERT DATA { <decoupage/axes> cper:exclusif false }
