"""What kind of thing a question asks for, and where a sentence has such a thing. English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import regex

AnswerKind = Literal["money", "percent", "duration", "date", "hours", "number", "place", "person", "contact", "yes_no"]

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_WORD_NUMBER = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty"
    r"|forty|fifty|sixty|ninety|hundred|thousand|million)"
)
_NUMBER = rf"(?:\d[\d,.]*\d|\d|\b{_WORD_NUMBER}\b)"
_HAN_NUMBER = r"[\d〇零一二两三四五六七八九十百千万亿半数几]+"
_NAME = r"\p{Lu}[\w'’-]+(?:\s(?:(?:de|van|von|of|of the|al|bin|ibn)\s)?\p{Lu}[\w'’.-]*\w)*"
_MEASURE = (
    r"(?:平方公里|平方米|公里|千米|公分|厘米|毫米|公斤|千克|公顷|英里|英尺|英寸"
    r"|[个名位次座部所岁种条家人届项层章集面颗块倍号分间枚米吨度件级])"
)
_UNIT = r"(?:second|minute|hour|day|night|week|month|year|decade|centur)(?:s|y|ies)?"

_ASKED: tuple[tuple[AnswerKind, str], ...] = (
    (
        "money",
        r"how much (?!time|longer)(?:do(?:es)?|is|are|will|would|to|for|did|was|it|can|money"
        r"|\w+ costs?)|\b(?:price|cost|costs|fee|fees|charge)\b|多少钱|多少费用|价格|费用|运费|票价|票房|收费",
    ),
    ("percent", r"what percent|percentage|how large a share|百分之(?:几|多少)|比例|占比"),
    (
        "duration",
        r"how long|how (?:many|much) (?:\w+ )?(?:seconds|minutes|hours|days|weeks|months|years|time)"
        r"|how soon|how quickly|多久|多长时间|几天|多少天|几个?(?:小时|月|星期|周)|多少年|片长",
    ),
    (
        "hours",
        r"what time|opening hours|when (?:are|do) you (?:open|close)|check.?in time|check.?out time"
        r"|几点|营业时间|开放时间",
    ),
    (
        "date",
        r"\bwhen\b|what (?:year|date|day|month)|which (?:year|day|month)|in what year|until when"
        r"|deadline|什么时候|何时|什么时间|哪一?年|哪[一天月]|几月|几号|哪个?世纪|时间是",
    ),
    ("contact", r"phone number|e-?mail(?: address)?|telephone|contact (?:you|number|details)|电话|邮箱|联系方式"),
    (
        "number",
        r"how many|how much|how old|how far|how (?:big|large|tall|high|fast|often)|what number"
        r"|number of|多少|几[个名位次座部所岁种条家人届项层章集间]|多[大高远重长]",
    ),
    (
        "place",
        r"\bwhere\b|what (?:city|country|place|state|address|town)|which (?:city|country|place|state"
        r"|town)|address|哪里|哪儿|在哪|何处|什么地方|哪个?(?:国家|城市|地方|省|市|地区|县)|哪国|地址",
    ),
    ("person", r"\bwho(?:se|m)?\b(?! (?:do|can|should|must|would|could|will) (?:i|we)\b)|哪位|谁|哪些?人|何人|什么人"),
    (
        "yes_no",
        r"^(?:\W*(?:and|so|but|ok(?:ay)?|then|also|hi|hello|well|please tell me if)\W+)*(?:can|could"
        r"|do|does|did|is|are|was|were|will|would|may|must|should|am|have|has) \w|\bif (?:i can|you"
        r"|there|they)\b|吗|能不能|可不可以|是否|能否|有没有|是不是|会不会",
    ),
)
_HAS: dict[AnswerKind, str] = {
    "money": (
        rf"[$€£¥￥]\s*\d(?:[\d,.]*\d)?|{_NUMBER}\s*(?:million |billion )?(?:dollars?|euros?|pounds?|usd"
        rf"|eur|gbp|cents?|yuan|rmb|%)(?!\w)|{_HAN_NUMBER}[万亿]?(?:多)?(?:元|块|美元|欧元|英镑|人民币|港币|日元)"
        rf"|\bfree\b|free of charge|免费|包邮"
    ),
    "percent": rf"{_NUMBER}\s*(?:%|percent|per cent)|{_HAN_NUMBER}[％%]|百分之{_HAN_NUMBER}|\d[\d.]*[％%]",
    "duration": (
        rf"{_NUMBER}(?:\s*(?:-|–|to|or|and)\s*{_NUMBER})?\s*(?:\w+\s)?{_UNIT}\b"
        rf"|{_HAN_NUMBER}(?:多)?个?(?:秒|分钟|小时|天|日|工作日|周|星期|月|年)|(?:a|an|same|next"
        rf"|one)\s(?:\w+\s)?{_UNIT}\b|immediately|立即|当天|次日"
    ),
    "hours": (
        r"\d{1,2}(?::|\.)\d{2}\s*(?:[ap]\.?m\.?)?|\d{1,2}\s*[ap]\.?m\b\.?|\b(?:noon|midnight)\b"
        r"|24 hours|\d{1,2}[点时](?:\d{1,2}分|半)?|[一二三四五六七八九十]{1,3}[点时]"
    ),
    "date": (
        rf"\b{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?"
        rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b(?:,?\s+\d{{4}})?|\b{_MONTH}\s+\d{{4}}"
        rf"|\b(?:1\d|20)\d\d\b(?!年)|\b{_DAY}s?\b|\d{{1,2}}(?:st|nd|rd|th) century"
        r"|\d{1,4}年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}[日号]|(?:公元前)?\d+世纪"
        rf"|(?:周|星期)[一二三四五六日天]|{_HAN_NUMBER}[年月]"
    ),
    "contact": r"[\w.+-]+@[\w-]+\.[\w.]+|\+?\d[\d\s()./-]{5,}\d|https?://\S+|www\.\S+",
    "number": rf"{_HAN_NUMBER}\s?[多余]?\s?{_MEASURE}|{_NUMBER}",
    "place": (
        rf"(?<=\b(?:in|at|near|on|from|to|into|outside|inside|between|across)\s(?:the\s)?)"
        rf"{_NAME}(?:(?:, | of | of the ){_NAME})*"
        r"|\b(?:street|road|avenue|floor|office|station|city|airport|building|website|online)\b"
        r"|(?<=[于在位至到是为])\p{Han}{2,12}?(?:国|省|市|县|区|镇|村|路|街|洲|岛|山|州|郡|站|大学)"
        r"|(?<![\p{Han}])\p{Han}{1,6}(?:国|省|市|县|区|镇|村|路|街)"
    ),
    "person": (
        rf"{_NAME}"
        r"|\p{Han}{2,5}(?:·\p{Han}{1,6})+"
    ),
    "yes_no": (
        r"^(?:yes|no|sure|unfortunately|是|不|可以|有|没有|能)\b|\b(?:can|cannot|may|must|not|allowed"
        r"|available|accept|offer|required?|need)\b|可以|不能|不可|支持|需要|允许|接受|无法|提供"
    ),
}
_ASKED_PATTERNS = tuple((kind, regex.compile(pattern, regex.IGNORECASE)) for kind, pattern in _ASKED)
_CASED = frozenset({"place", "person"})
_HAS_PATTERNS = {
    kind: regex.compile(pattern, 0 if kind in _CASED else regex.IGNORECASE) for kind, pattern in _HAS.items()
}


def asked(question: str) -> AnswerKind | None:
    """The kind that a question asks for, None where any sentence may do."""
    for kind, pattern in _ASKED_PATTERNS:
        if pattern.search(question):
            return kind
    return None


def found(kind: AnswerKind, sentence: str) -> Iterator[tuple[int, int]]:
    """Where a sentence has something of the kind: offsets into it, in their order."""
    for match in _HAS_PATTERNS[kind].finditer(sentence):
        yield match.span()


def has(kind: AnswerKind | None, sentence: str) -> bool:
    """Whether a sentence has something of the kind; for None it has not."""
    return kind is not None and _HAS_PATTERNS[kind].search(sentence) is not None
