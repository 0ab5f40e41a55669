INSERT DATA { <fiction> a cper:AncienneFiction }
