"""From a file to passages: `reading` finds the parser, the parsers make blocks, `passages` cuts them."""
