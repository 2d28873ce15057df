"""One small Markdown subset, shown on platforms that have formatting of their own.

    **bold**  *italic*  ~~struck~~  `code`  [label](https://…)  https://…
    # heading   > quote   - list   1. list   ``` code blocks ```

What is not surely a mark is text: every character that is not part of a mark comes out as it went in.
`plain` is the text without marks. The parts of a long text are pieces of it that follow each other, white space
included: put together they are the whole again. Only a piece of white space alone is left out, as no platform takes
it: at the end of the text, before an entity that fills a part, and where a run is as long as a part.
"""

from adapters.markup.discord import discord_parts
from adapters.markup.parsing import plain
from adapters.markup.telegram import Entity, TelegramPart, telegram_parts

__all__ = ["Entity", "TelegramPart", "discord_parts", "plain", "telegram_parts"]
