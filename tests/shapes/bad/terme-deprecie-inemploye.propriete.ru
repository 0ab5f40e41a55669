INSERT DATA { <fiction> cper:FictionSansSuite 1 }
