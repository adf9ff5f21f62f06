"""A name in small: initials and a colour of its own."""


def initials(name: str) -> str:
    """
    >>> initials("Harbourside IT"), initials("fenwick"), initials("")
    ('HI', 'F', '?')
    """
    words = name.split()
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper() or "?"


def avatar(pk: int) -> int:
    """One of the six avatar colours, always the same for a member."""
    return pk % 6 + 1
