"""Whether somebody asks for a picture to be made, in plain words.

Rules and no classifier: the wish is always said with one of a few verbs at the beginning, whereas a shop is asked for
pictures that exist ("do you have pictures of the red dress?"), for the drawing of lots, and for invoices to be created.
Only verbs of drawing are enough by themselves; making, creating and generating need a word for a picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

_POLITE = r"(?:(?:please|pls|hey|hi|hello|ok|okay|now)[\s,!]+)*"
_ASKING = (
    r"(?:(?:can|could|would|will) you(?: please)? |i(?: woul|')d like you to |i want you to |(?:let's|lets) )?"
    r"(?:please )?"
)
_OTHER_DRAWING = (
    r"(?!(?:up|out|down|from|on|upon|near|back|away|off|in|into|to|for|money|cash|funds?|blood|water|attention|"
    r"conclusions?|lots|straws|breath|the (?:line|curtains?|winners?|prizes?|raffle|lots?|attention|conclusion)|"
    r"a (?:line|conclusion|blank|salary|pension|distinction|cheque|check|winner|prize|bath|breath|crowd)|"
    r"an? (?:income|advance)|my (?:money|attention|salary|pension|balance|account))\b)"
)
_ME = r"(?:(?:me|us|for me|something like) )?"
_SOME = r"(?:(?:an?|some|the|another|one|two|three|four|[1-4]|new|nice|ai|small|little|colou?rful|funny|cute)\s+)*"
_PICTURE = (
    r"(?:pictures?|pics?|images?|photos?|photographs?|drawings?|illustrations?|paintings?|sketch(?:es)?|"
    r"icons?|emojis?|artworks?)"
)
_ENGLISH = (
    rf"{_POLITE}{_ASKING}(?:draw|paint|sketch)\s+{_ME}{_OTHER_DRAWING}(?P<what>.+)",
    rf"{_POLITE}{_ASKING}(?:make|create|generate|render|design|imagine|produce|give)\s+{_ME}{_SOME}{_PICTURE}\s+"
    r"(?:of|with|showing|that shows|like)\s+(?P<what>.+)",
    rf"{_POLITE}imagine\s*:?\s+(?P<what>an?\s+.+)",
)
_CHINESE = (
    r"(?:请|麻烦|那|那么|你|您|能不能|能|可以|可不可以|帮忙|帮|给|我|想要?|要|再|来|一下|\s)*"
    r"(?:画出?|绘制|绘画)(?!质|面|家|展|册|的|框|像|廊|布|风|图软件|不|得)(?:一画|一下|个|出来)?(?P<what>.+)",
    r"(?:请|麻烦|你|您|能不能|能|可以|可不可以|帮忙|帮|给|我|想要?|要|再|\s)*"
    r"(?:生成|制作|做|创作|来)(?:一?[张幅个]|几张|[两三四]张)?(?P<what>.*?(?:图片|图像|图画|插画|画))[。！!？?吧吗\s]*",
)
_GERMAN = (
    r"(?:(?:bitte|hallo|hey)[\s,!]+)*(?:(?:kannst du|können sie)(?: bitte)? )?(?:mir )?(?:bitte )?"
    r"(?:zeichne|male|mal|skizziere|zeichnen sie|malen sie)\s+(?:(?:mir|uns|bitte|mal)\s+)*"
    r"(?P<what>(?!auf\b|den aus\b).+)",
    r"(?:kannst du|können sie|könntest du|könnten sie)\s+(?:(?:mir|uns|bitte|mal)\s+)*"
    r"(?P<what>(?:ein|zwei|drei|vier)\w*\s.+?)\s+(?:zeichnen|malen)",
    r"(?:(?:bitte|hallo)[\s,!]+)*(?:(?:kannst du|können sie)(?: bitte)? )?(?:mir )?(?:bitte )?"
    r"(?:erstelle|erzeuge|generiere|mache?)(?: sie)?\s+(?:(?:mir|uns|bitte)\s+)*(?:ein|eine|vier|zwei|drei)\s+"
    r"(?:bild(?:er)?|zeichnung(?:en)?|illustration(?:en)?)\s+(?:von|mit)\s+(?P<what>.+)",
)
_FRENCH = (
    r"(?:s'il (?:te|vous) plaît[\s,]+)?(?:(?:peux-tu|pouvez-vous|tu peux) )?(?:me )?"
    r"(?:dessine[rz]?|peins|peignez)(?:[- ](?:moi|nous))?\s+(?P<what>.+)",
    r"(?:s'il (?:te|vous) plaît[\s,]+)?(?:(?:peux-tu|pouvez-vous|tu peux) )?(?:me )?"
    r"(?:génère|générez|générer|crée|créez|créer|fais|faites|faire)(?:[- ](?:moi|nous))?\s+"
    r"(?:une|un|des|quatre|deux|trois)\s+(?:images?|dessins?|illustrations?)\s+(?:d'|de |du |des |avec )(?P<what>.+)",
)
_SPANISH = (
    r"(?:por favor[\s,]+)?(?:(?:puedes|puede) )?(?:dibuja|dibuje|dibujar|dibujarme|dibújame|dibújeme|píntame|pínteme)"
    r"\s+(?P<what>.+)",
    r"(?:por favor[\s,]+)?(?:(?:puedes|puede) )?(?:genera|genere|generar|crea|cree|crear|haz|hazme|hágame|hacer)(?:me)?"
    r"\s+(?:una|un|unas|cuatro|dos|tres)\s+(?:imagen|imágenes|dibujos?|ilustraci[óo]n(?:es)?)\s+(?:de|con)\s+(?P<what>.+)",
)
_DRAW = tuple(
    regex.compile(pattern, regex.IGNORECASE | regex.DOTALL)
    for pattern in (*_ENGLISH, *_CHINESE, *_GERMAN, *_FRENCH, *_SPANISH)
)
_VARY = regex.compile(
    rf"{_POLITE}{_ASKING}(?:(?:make|draw|create|generate|give me|show me)\s+)?(?:me\s+)?(?:some\s+|four\s+)?"
    r"(?:variations?|variants?)(?:\s+of\s+(?:this|it|that|(?:this|the|my) (?:photo|picture|image)))?|"
    r"(?:请|帮我|给我|画|做|一些|几个)*(?:变体|变化)|(?:zeichne |mache )?variationen(?: davon)?|"
    r"(?:dessine )?des variations|(?:dibuja )?variaciones",
    regex.IGNORECASE,
)
_BLEND = regex.compile(
    rf"{_POLITE}{_ASKING}(?:blend|mix|merge|morph|combine)\s+(?:(?:these|the|my|those)\s+)?"
    r"(?:(?:last\s+)?two\s+(?:photos|pictures|images)|both\s+(?:photos|pictures|images)|photos|pictures|images)"
    r"(?:\s+together)?(?P<what>\s+(?:as|into)\s+an?\s+gif)?|"
    r"(?:请|帮我|把)*(?:融合|混合)(?:我的|这)?(?:两张)?(?:照片|图片)|(?:把)?(?:我的|这)?两张(?:照片|图片)(?:融合|混合)(?:一下)?",
    regex.IGNORECASE,
)
_END = regex.compile(
    r"(?:[\s,]*\b(?:please|pls|thanks|thank you|bitte|danke|s'il (?:te|vous) plaît|por favor|gracias)|[吗吧谢]|"
    r"[\s.!?。！？~])+$",
    regex.IGNORECASE,
)
LONGEST = 300
"""Characters of a wish; what is longer tells a story."""


@dataclass(frozen=True, slots=True)
class PictureWish:
    """`action` is one of `bot.pictures.wishes.Action`, `words` say what to draw."""

    action: str
    words: str = ""


def picture_wish(text: str) -> PictureWish | None:
    """The wish for a picture that a whole message is; None where it is anything else."""
    if len(text) > LONGEST:
        return None
    words = _END.sub("", text.strip())
    if _VARY.fullmatch(words):
        return PictureWish("vary")
    if found := _BLEND.fullmatch(words):
        return PictureWish("blend", (found["what"] or "").strip())
    for pattern in _DRAW:
        if found := pattern.fullmatch(words):
            return PictureWish("draw", found["what"].strip())
    return None
