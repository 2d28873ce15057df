"""The facts of a text, each in one spelling, so that those of two texts can be compared.

1,000 is 1000, full-width digits are digits, 三十 is 30, "May" and "5月" name the same month, "euros" is €.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import regex

from bot.knowledge.analysis import STOP_WORDS

_CURRENCIES = {
    "$": "$", "usd": "$", "dollar": "$", "dollars": "$", "美元": "$", "美金": "$",
    "€": "€", "eur": "€", "euro": "€", "euros": "€", "欧元": "€",
    "£": "£", "gbp": "£", "pound": "£", "pounds": "£", "英镑": "£",
    "¥": "¥", "rmb": "¥", "cny": "¥", "yuan": "¥", "元": "¥", "块": "¥", "人民币": "¥",
    "%": "%", "percent": "%",
}  # fmt: skip
_UNITS = {
    "second": "second", "秒": "second", "minute": "minute", "min": "minute", "分钟": "minute",
    "hour": "hour", "小时": "hour", "钟头": "hour", "day": "day", "天": "day", "日": "day", "工作日": "day",
    "week": "week", "周": "week", "星期": "week", "month": "month", "月": "month", "year": "year", "年": "year",
    "gram": "g", "g": "g", "kg": "kg", "kilogram": "kg", "公斤": "kg", "km": "km", "公里": "km", "m": "m", "米": "m",
    "cm": "cm", "mm": "mm", "am": "am", "pm": "pm", "件": "piece", "次": "time", "time": "time", "人": "person",
    "person": "person", "people": "person", "mb": "mb", "gb": "gb", "mile": "mile", "inch": "inch",
}  # fmt: skip
_MONTH_NAMES = """
    jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep sept september|oct october
    |nov november|dec december
    """
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES.split("|"), 1) for name in names.split()}
_SMALL_NUMBERS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty
    """
_WORD_NUMBERS: dict[str, float] = {word: number for number, word in enumerate(_SMALL_NUMBERS.split())}
_WORD_NUMBERS |= {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "half": 0.5,
}
_LARGE = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "万": 10_000,
    "亿": 100_000_000,
}
_HAN_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_POWERS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}


def _alternatives(words: Iterable[str]) -> str:
    """A pattern that takes the longest of the words."""
    return "|".join(sorted((regex.escape(word) for word in words), key=len, reverse=True))


_FACT = regex.compile(
    rf"""(?P<url>https?://[^\s<>"'，。）)]+|www\.[^\s<>"'，。）)]+)
      | (?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
      | (?P<iso>\b\d{{4}}-\d{{1,2}}-\d{{1,2}}\b)
      | (?P<month>\b(?:{_alternatives(_MONTHS)})\b)
      | (?P<before>[$€£¥]\s*|\b(?:usd|eur|gbp|cny|rmb)\s*)?
        (?P<number>[0-9]+(?:,[0-9]{{3}})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\b(?:{_alternatives(_WORD_NUMBERS)})\b
          |[零〇一二两三四五六七八九十百千]+(?=[万亿天日个周年月元块件次人%小分秒折点号米公岁])
          |[一二两三四五六七八九]?[十百千][零一二三四五六七八九十百]*)
        (?:[\s-]*(?P<large>hundred|thousand|million|billion|万|亿))?
        (?:[\s-]*(?:business|working|calendar|full|个|多)?[\s-]*
           (?P<unit>{_alternatives({**_CURRENCIES, **_UNITS})})(?:s\b|(?![a-z])))?
      | (?P<name>(?-i:\p{{Lu}}[\p{{L}}\p{{N}}'’&.-]*[\p{{L}}\p{{N}}]|\b\p{{Lu}}\b))
      | 《(?P<title>[^》]+)》
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_SENTENCE_START = regex.compile(r"(?:^|[.!?:;。！？：；\n]|^[-*•]|\d[.)])[\s\"'“‘(*-]*$")


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its unit, a name, a date's month, an address of the web or of mail, in one spelling."""

    kind: str
    value: str
    unit: str = ""


def facts(text: str) -> list[Fact]:
    """The facts of a text in their order."""
    plain = unicodedata.normalize("NFKC", text)
    return [fact for match in _FACT.finditer(plain) if (fact := _fact(match, plain))]


def _fact(match: regex.Match[str], text: str) -> Fact | None:
    if match["number"]:
        return _number_fact(match)
    if name := match["name"]:
        first_word = _SENTENCE_START.search(text[: match.start()]) and name[1:].islower()
        return None if name.lower() in _MINOR else Fact("first word" if first_word else "name", _folded(name))
    kind = match.lastgroup or ""
    value = match[0].lower().rstrip(".,")
    if kind == "iso":
        value = "-".join(str(int(part)) for part in value.split("-"))
    if kind == "month":
        return Fact("month", str(_MONTHS[value])) if match[0][0].isupper() or value != "may" else None
    return Fact(kind, match["title"] or value)


def _number_fact(match: regex.Match[str]) -> Fact:
    value = _value(match["number"].lower())
    if match["large"]:
        value *= _LARGE[match["large"].lower()]
    before = (match["before"] or "").strip().lower()
    unit = (match["unit"] or "").lower()
    names = _CURRENCIES | _UNITS
    return Fact("number", f"{value:.10g}", names.get(before) or names.get(unit) or names.get(unit.rstrip("s"), ""))


def _value(number: str) -> float:
    if number in _WORD_NUMBERS:
        return float(_WORD_NUMBERS[number])
    if number[0].isdigit():
        return float(number.replace(",", ""))
    return float(_han_value(number))


def _han_value(number: str) -> int:
    """Chinese numerals: 三十五 is 35, 二〇一九 is 2019."""
    if not any(digit in _HAN_POWERS for digit in number):
        return int("".join(str(_HAN_DIGITS[digit]) for digit in number))
    total, digit = 0, 0
    for character in number:
        if character in _HAN_POWERS:
            total += max(digit, 1 if not total else digit) * _HAN_POWERS[character]
            digit = 0
        else:
            digit = _HAN_DIGITS[character]
    return total + digit


def _folded(name: str) -> str:
    return regex.sub(r"['’]s?$", "", name).casefold()


_MINOR = STOP_WORDS | {"yes", "ok"}
