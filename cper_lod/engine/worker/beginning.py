"""How much of a text can begin a query, asked of the engine's own parser; imported by the query process."""

from pyoxigraph import Store


def good_pieces(text: str, lengths: list[int]) -> int:
    """Return how many of the pieces of `text`, which have these lengths, can together begin a query."""
    ends, end = [], 0
    for length in lengths:
        ends.append(end := end + length)
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if can_begin(text[: ends[middle]]):
            low = middle + 1
        else:
            high = middle
    return low


def can_begin(text: str) -> bool:
    """Whether a query can begin with `text`: followed by many blanks, the parser goes on to their very end."""
    blanks = 40  # more than the longest keyword, by which the parser looks ahead
    try:
        # No query ends with this character: it is never more than parsed.
        Store().query(text + " " * blanks + "\x01")
    except SyntaxError as error:
        place = str(error).removeprefix("error at ").split(":", 2)
        if len(place) < 3 or not (place[0] + place[1]).isdecimal():
            return True
        line, reached = int(place[0]), int(place[1]) - 1
        here = len(text) - text.rfind("\n") - 1
        return line > text.count("\n") and reached >= here + blanks
    return True
