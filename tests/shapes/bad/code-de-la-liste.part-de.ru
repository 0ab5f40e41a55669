DELETE DATA { <part/axe-1> cper:partDe <../../../def/code/denominateur/credits> };
INSERT DATA { <part/axe-1> cper:partDe <axe/1> }
