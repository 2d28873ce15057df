"""How customers ask, in five languages, what was said before: patterns for `bot.memory.question`."""

from __future__ import annotations

from typing import Literal

import regex

Side = Literal["customer", "shop"]

_FLAGS = regex.IGNORECASE | regex.VERSION1
LAST_TIME = regex.compile(
    r"\b(?:the\s+)?last\s+time|(?:das\s+)?letzte[sn]?\s+mal|la\s+dernière\s+fois|la\s+última\s+vez|上次|上一次", _FLAGS
)
_EN_BASE_WORDS = """
    say ask tell mention talk discuss write recommend suggest promise advise complain report speak chat share explain
    consult
"""
_EN_PAST_WORDS = """
    said asked told mentioned talked discussed wrote written recommended suggested promised advised complained reported
    spoken spoke chatted shared explained consulted
"""
_DE_WORDS = """
    gesagt gefragt erzählt erwähnt geschrieben empfohlen vorgeschlagen versprochen besprochen gesprochen geredet geraten
    gemeldet
"""
_FR_WORDS = """
    dit demandé raconté mentionné écrit recommandé conseillé suggéré proposé promis parlé discuté signalé
"""
_ES_TOLD_WORDS = "dije pregunté conté mencioné escribí comenté pedí hablamos"
_ES_WAS_TOLD_WORDS = """
    dijiste dijo dijeron recomendaste recomendó sugeriste prometiste prometió aconsejaste contaste
"""
_ES_PARTICIPLES = "dicho preguntado contado mencionado escrito comentado recomendado sugerido prometido hablado"
_ZH_WORDS = "问 提到 提 告诉 推荐 建议 答应 咨询 分享 保证 聊 谈 讨论"


def _either(words: str) -> str:
    return f"(?:{'|'.join(words.split())})"


_EN_BASE, _EN_PAST = _either(_EN_BASE_WORDS), _either(_EN_PAST_WORDS)
_EN_WHAT = r"\b(?:what|which|who|whom|when|where|how)\b"
_EN_REMEMBER = rf"\b(?:remember|recall|remind\s+me|forgot|repeat)\b[^.!?]*{_EN_WHAT}[^.!?]*"
_EN_ADVERB = r"(?:(?:already|ever|just|once|also|exactly)\s+)?"
_DE_ASKS = (
    r"(?:\b(?:was|welche[rsmn]?|wann|wo|wie|warum|wovon|worüber|wonach|weißt\s+du\s+noch|erinner\w*)\b|"
    r"^\s*hab\w*\b)[^.!?]*"
)
_DE_SAID = rf"\b{_either(_DE_WORDS)}\b"
_FR_ASKS = (
    r"(?:\bqu['’]|\b(?:que|quoi|quel(?:le)?s?|quand|où|comment|pourquoi|souv\w+|rappel\w+)\b|"
    r"^\s*(?:m['’])?(?:as|ai|avez)\b)[^.!?]*"
)
_FR_SAID = rf"\b{_either(_FR_WORDS)}e?s?\b"
_ES_ASKS = (
    r"(?:\b(?:qué|cuál(?:es)?|cuándo|dónde|cómo|quién)\b|\bpor\s+qué\b|\b(?:recuerd\w+|acuerd\w+|recuérd\w+)\b)[^.!?]*"
)
_ES_SAID = _either(_ES_PARTICIPLES)
_ZH_TO = "和跟向对给问同"
_ZH_SAY = rf"(?:(?<!听)说|{_either(_ZH_WORDS)})"
_ZH_BACK = r"(?:曾|之前|以前|上次|上一次|昨天|前天|上个?[周月]|上个?星期|[天周月年]前|\d[号日]|记得)"
_ZH_I = rf"(?<![{_ZH_TO}])[我咱](?:[^你您，。]{{0,8}}|[^，。]{{0,6}}[{_ZH_TO}][你您][^，。]{{0,8}})"
_ZH_YOU = rf"(?<![{_ZH_TO}])[你您][^，。]{{0,8}}"
_ZH_ASKS = r"(?=[^。！!]*(?:什么|哪|几|多少|谁|怎么|为何|吗|记得|[？?]))"


def _asked(side: Side, *patterns: str) -> list[tuple[Side, regex.Pattern[str]]]:
    return [(side, regex.compile(pattern, _FLAGS)) for pattern in patterns]


ASKED: tuple[tuple[Side, regex.Pattern[str]], ...] = (
    *_asked(
        "customer",
        rf"(?:{_EN_WHAT}[^.!?,]*\s|^\s*)did(?:n['’]t)?\s+(?:i|we)\s+{_EN_ADVERB}{_EN_BASE}\b",
        rf"(?:{_EN_WHAT}[^.!?,]*\s|^\s*)(?:have|had)\s+(?:i|we)\s+{_EN_ADVERB}{_EN_PAST}\b",
        rf"{_EN_REMEMBER}\b(?:i|we)(?:['’]ve)?\s+{_EN_ADVERB}{_EN_PAST}\b",
        rf"{_DE_ASKS}\b(?:ich|wir)\b[^.!?]*{_DE_SAID}",
        rf"{_FR_ASKS}(?:\bj['’](?:ai|avais)|\bai-je|\bnous\s+avons|\bavons-nous|\bon\s+a)\b[^.!?]*{_FR_SAID}",
        rf"{_ES_ASKS}\b(?:{_either(_ES_TOLD_WORDS)}|(?:he|hemos)\s+{_ES_SAID})\b",
        rf"{_ZH_ASKS}(?:{_ZH_I}{_ZH_SAY}[过了]|{_ZH_BACK}[^，。]*{_ZH_I}{_ZH_SAY}|{_ZH_I}{_ZH_BACK}[^，。]*{_ZH_SAY})",
    ),
    *_asked(
        "shop",
        rf"(?:{_EN_WHAT}[^.!?,]*\s|^\s*)did(?:n['’]t)?\s+you\s+{_EN_ADVERB}{_EN_BASE}\b",
        rf"(?:{_EN_WHAT}[^.!?,]*\s|^\s*)(?:have|had)\s+you\s+{_EN_ADVERB}{_EN_PAST}\b",
        rf"(?:{_EN_REMEMBER}|\bremind\s+me\b[^.!?]*)\byou(?:['’]ve)?\s+{_EN_ADVERB}{_EN_PAST}\b",
        rf"{_DE_ASKS}\b(?:hast\s+du|haben\s+sie|habt\s+ihr)\b[^.!?]*{_DE_SAID}",
        rf"{_DE_ASKS}\b(?:du|sie|ihr)\b[^.!?]*{_DE_SAID}\s+(?:hast|haben|habt|hattest|hatten)\b",
        rf"{_FR_ASKS}\b(?:tu\s+(?:m['’])?as|vous\s+(?:m['’])?avez|as-tu|avez-vous)\b[^.!?]*{_FR_SAID}",
        rf"{_ES_ASKS}\b(?:{_either(_ES_WAS_TOLD_WORDS)}|(?:has|ha|han)\s+{_ES_SAID})\b",
        rf"{_ZH_ASKS}(?:{_ZH_YOU}{_ZH_SAY}[过了]|{_ZH_BACK}[^，。]*{_ZH_YOU}{_ZH_SAY}|{_ZH_YOU}{_ZH_BACK}[^，。]*{_ZH_SAY})",
    ),
)
_ES_WORDS = f"{_ES_TOLD_WORDS} {_ES_WAS_TOLD_WORDS} {_ES_PARTICIPLES}"
_ES_SAYING = rf"\b{_either(_ES_WORDS)}\b"
SAYING = frozenset(
    (
        *f"{_EN_BASE_WORDS} {_EN_PAST_WORDS} {_DE_WORDS} {_ES_WORDS}".split(),
        *(word + ending for word in _FR_WORDS.split() for ending in ("", "e", "s", "es")),
    )
)
SAYING_CHINESE = frozenset("说" + "".join(_ZH_WORDS.split()))
"""Without such a word, or such a character, nothing is asked of what was said; that is quickly seen."""
FRAME = regex.compile(
    rf"\b(?:{_EN_BASE}|{_EN_PAST}|(?:do\s+)?you\s+(?:still\s+)?(?:remember|recall)|remember|recall|remind\s+me|previously|"
    rf"earlier|before)\b|{_DE_SAID}|\b(?:weißt\s+du\s+noch|erinner\w*|vorher|früher)\b|{_FR_SAID}|"
    rf"\b(?:souv\w+|rappel\w+|avant)\b|{_ES_SAYING}|\b(?:recuerd\w+|acuerd\w+|antes)\b|"
    rf"(?:曾经?|之前|以前|还?记得|告诉|我们|[我你您和跟向]|{_ZH_SAY}[过了]?)",
    _FLAGS,
)
_FUNCTION_WORDS = {
    "de": r"""
        was habe hast hat haben habt hatte hattest hatten ich du er sie es wir ihr mir dir mich dich uns euch
        ihnen ihn über zu zum zur von vom für mit im in am an auf bei um aus nach und oder nicht schon noch mal
        ist sind war waren welche[rsmn]? wann wo wie warum mein\w* dein\w* euer eure\w* unser\w* ihre\w* der die
        das den dem des eine? einen einem einer bitte denn eigentlich dazu darüber
        """,
    "fr": r"""
        qu que quoi quel quelle quels quelles ai as a avons avez ont j je tu il elle nous vous me te m t l d
        est-ce est de du des le la les un une mon ma mes ton ta tes votre vos notre nos sur pour avec dans en et
        ou ne n pas au aux à ce cette sujet propos ai-je as-tu avez-vous déjà
        """,
    "es": r"""
        qué que cuál cuáles te me le se nos os he has ha hemos han yo tú usted el la los las un una mi mis tu
        tus su sus de del en con para por y o no lo al a sobre es ya acerca
        """,
}
FUNCTION_WORDS = {
    language: regex.compile(rf"\b(?:{'|'.join(words.split())})\b['’]?", _FLAGS)
    for language, words in _FUNCTION_WORDS.items()
}
"""By language, where `bot.knowledge.analysis.terms` keeps them: a subject is what else is there."""
