DELETE DATA { <priorite/1> cper:axe <axe/1> }
