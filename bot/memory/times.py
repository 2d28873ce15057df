"""Times in words ("last week", "am 2. Mai", "5月2号") as periods; what is not understood is no time.

A date without a year is the latest one that is not ahead; weeks begin on Mondays. Days are those of the shop's zone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import regex

_DAY = timedelta(days=1)
_MONTH_NAMES = (
    ("january", "januar", "janvier", "enero"),
    ("february", "februar", "février", "febrero"),
    ("march", "märz", "mars", "marzo"),
    ("april", "avril", "abril"),
    ("may", "mai", "mayo"),
    ("june", "juni", "juin", "junio"),
    ("july", "juli", "juillet", "julio"),
    ("august", "août", "agosto"),
    ("september", "septembre", "septiembre"),
    ("october", "oktober", "octobre", "octubre"),
    ("november", "novembre", "noviembre"),
    ("december", "dezember", "décembre", "diciembre"),
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_WEEKDAY_NAMES = (
    ("monday", "montag", "lundi", "lunes", "周一", "星期一"),
    ("tuesday", "dienstag", "mardi", "martes", "周二", "星期二"),
    ("wednesday", "mittwoch", "mercredi", "miércoles", "周三", "星期三"),
    ("thursday", "donnerstag", "jeudi", "jueves", "周四", "星期四"),
    ("friday", "freitag", "vendredi", "viernes", "周五", "星期五"),
    ("saturday", "samstag", "samedi", "sábado", "周六", "星期六"),
    ("sunday", "sonntag", "dimanche", "domingo", "周日", "星期日", "星期天"),
)
_WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAY_NAMES) for name in names}
_NUMBERS = {
    **dict.fromkeys(("a", "an", "one", "ein", "einem", "einer", "un", "une", "una", "一"), 1),
    **dict.fromkeys(("two", "a couple of", "zwei", "deux", "dos", "两", "二"), 2),
    **dict.fromkeys(("three", "a few", "few", "drei", "ein paar", "trois", "quelques", "tres", "unos", "三", "几"), 3),
}
_MONTH = "|".join(_MONTHS)
_YEAR = r"(?:19|20)\d\d"
_NUMBER = r"\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True))
_UNITS = {
    1: r"days?|tag(?:en)?|jours?|días?|天",
    7: r"weeks?|wochen?|semaines?|semanas?|个?星期|周",
    30: r"months?|monate?n?|mois|mes(?:es)?|个月",
}

Period = tuple[datetime, datetime]
_Days = tuple[date, date]


@dataclass(frozen=True, slots=True)
class When:
    """`text[start:end]` says the time; it is from the first moment of the period up to the second."""

    start: int
    end: int
    period: Period


def find(text: str, now: datetime, zone: ZoneInfo) -> When | None:
    """The first time that the text names, None where it names none."""
    today = now.astimezone(zone).date()
    found = min(_found(text, today), key=lambda each: each[0].start(), default=None)
    if found is None:
        return None
    match, (first, last) = found
    start, end = (datetime.combine(day, time(), zone) for day in (first, last + _DAY))
    return When(match.start(), match.end(), (start, end))


def _found(text: str, today: date) -> Iterator[tuple[regex.Match[str], _Days]]:
    for pattern, read in _PATTERNS:
        match = pattern.search(text)
        if match and (days := read(match, today)):
            yield match, days


def _written_out(match: regex.Match[str], today: date) -> _Days | None:
    """A date with or without its year."""
    name = match["month"].casefold()
    month = _MONTHS.get(name) or int(name)
    year = int(match["year"]) if match["year"] else None
    if match["day"] is None:
        return _whole_month(month, year, today)
    return _one(_dated(month, int(match["day"]), year, today))


def _dated(month: int, day: int, year: int | None, today: date) -> date | None:
    try:
        if year:
            return date(year, month, day)
        ours = date(today.year, month, day)
        return ours if ours <= today else date(today.year - 1, month, day)
    except ValueError:
        return None


def _whole_month(month: int, year: int | None, today: date) -> _Days | None:
    first = _dated(month, 1, year, today)
    return (first, (first + 31 * _DAY).replace(day=1) - _DAY) if first else None


def _ago(match: regex.Match[str], today: date) -> _Days | None:
    """Around so many days, weeks or months back: the longer ago, the less exact."""
    word = match["count"].casefold()
    count = _NUMBERS.get(word) or int(word)
    unit = next(days for days, names in _UNITS.items() if regex.fullmatch(names, match["unit"], regex.IGNORECASE))
    exact = unit == 1 and word.isdigit()
    middle, around = today - count * unit * _DAY, 0 if exact else max(2, unit // 2)
    return middle - around * _DAY, middle + around * _DAY


def _last_weekday(match: regex.Match[str], today: date) -> _Days | None:
    back = (today.weekday() - _WEEKDAYS[match["weekday"].casefold()]) % 7 or 7
    return _one(today - back * _DAY)


def _days_back(first: int, last: int) -> Callable[[regex.Match[str], date], _Days | None]:
    return lambda _, today: (today - first * _DAY, today - last * _DAY)


def _last_week(_: regex.Match[str], today: date) -> _Days | None:
    monday = today - (today.weekday() + 7) * _DAY
    return monday, monday + 6 * _DAY


def _last_month(_: regex.Match[str], today: date) -> _Days | None:
    last = today.replace(day=1) - _DAY
    return last.replace(day=1), last


def _one(day: date | None) -> _Days | None:
    return (day, day) if day else None


def _words(pattern: str) -> regex.Pattern[str]:
    """Between other letters, except in Chinese, which has no spaces."""
    return regex.compile(rf"(?<![\p{{L}}\p{{N}}--\p{{Han}}])(?:{pattern})(?![\p{{L}}\p{{N}}--\p{{Han}}])", _FLAGS)


_FLAGS = regex.IGNORECASE | regex.VERSION1
_UNIT = "|".join(_UNITS.values())
_WEEKDAY = "|".join(_WEEKDAYS)
_PATTERNS: tuple[tuple[regex.Pattern[str], Callable[[regex.Match[str], date], _Days | None]], ...] = (
    (_words(rf"(?P<year>{_YEAR})-(?P<month>\d\d)-(?P<day>\d\d)"), _written_out),
    (_words(rf"(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>{_YEAR}))?"), _written_out),
    (
        _words(
            rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?(?P<month>{_MONTH})"
            rf"(?:,?\s+(?:de\s+)?(?P<year>{_YEAR}))?"
        ),
        _written_out,
    ),
    (_words(rf"(?:(?P<year>{_YEAR})年)?(?P<month>\d{{1,2}})月(?:(?P<day>\d{{1,2}})[日号])?"), _written_out),
    (_words(rf"(?:in|im|en)\s+(?P<month>{_MONTH})(?P<day>(?!))?(?:\s+(?:de\s+)?(?P<year>{_YEAR}))?"), _written_out),
    (_words(rf"(?P<count>{_NUMBER})\s*(?P<unit>{_UNIT})\s*(?:ago|以?之?前)"), _ago),
    (_words(rf"(?:vor|il\s+y\s+a|hace)\s+(?P<count>{_NUMBER})\s+(?P<unit>{_UNIT})"), _ago),
    (_words(rf"(?:(?:on|last|am|letzten|el|le|上)\s*)?(?P<weekday>{_WEEKDAY})"), _last_weekday),
    (_words(r"the\s+day\s+before\s+yesterday|vorgestern|avant-hier|anteayer|前天"), _days_back(2, 2)),
    (_words(r"(?<!before\s)yesterday|gestern|(?<!avant-)hier|ayer|昨天"), _days_back(1, 1)),
    (_words(r"(?:earlier\s+)?today|this\s+morning|heute|aujourd['’]hui|hoy|今天"), _days_back(0, 0)),
    (
        _words(r"last\s+week|letzte(?:r|n)?\s+woche|la\s+semaine\s+dernière|la\s+semana\s+pasada|上个?(?:周|星期)"),
        _last_week,
    ),
    (_words(r"last\s+month|letzte(?:r|n)?\s+monat|le\s+mois\s+dernier|el\s+mes\s+pasado|上个?月"), _last_month),
    (_words(r"this\s+week|diese(?:r)?\s+woche|cette\s+semaine|esta\s+semana|这个?(?:周|星期)"), _days_back(7, 0)),
    (_words(r"recently|the\s+other\s+day|neulich|récemment|hace\s+poco|最近"), _days_back(14, 0)),
)
