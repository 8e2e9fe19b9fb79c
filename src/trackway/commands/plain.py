"""Text that strangers sent, made fit for a terminal: nothing in it moves the cursor, colours, rings or reorders."""


def plain(text: str) -> str:
    r"""The text with every character that is not printed as itself written as its escape, such as `\x1b` or `\u202e`.

    A line feed too: a stranger's text cannot begin a line of its own.
    """
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
