"""Phone numbers by the numbering plans of libphonenumber.

With a country's code a number is a phone's. Without one its form has to be one that a country writes phones in, or
the words around it have to call it so.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

import phonenumbers
import regex
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from bot.privacy.redaction.labels import Label, label
from bot.privacy.redaction.numbers import DIGITS, Number, chosen, parts, runs

REGIONS = (
    "US",
    "GB",
    "DE",
    "FR",
    "ES",
    "IT",
    "NL",
    "PL",
    "SE",
    "BR",
    "IN",
    "CN",
    "AT",
    "CH",
    "BE",
    "DK",
    "NO",
    "FI",
    "PT",
    "IE",
    "CA",
    "MX",
    "AU",
    "JP",
    "KR",
)
"""Countries whose national forms are known."""
SHORTEST, LONGEST = 7, 15
LEAST_WITHOUT_NAME = 9
THOUSANDS = regex.compile(r"[1-9][0-9]{0,2}([ .])[0-9]{3}(?:\1[0-9]{3})*$")
UNIT = regex.compile(
    r"\s?(?:[$€£¥₹%]|(?:eur|euro|usd|gbp|pln|zł|kr|sek|inr|rs|cny|rmb|km|kg|g|ml|pcs|stk|pieces|items|points)\b|元|块|件|分)",
    regex.IGNORECASE,
)
CHINESE_MOBILE = regex.compile(r"1[3-9][0-9]{9}")
OTHER_FORMS = {9: (3, 3, 3), 10: (3, 3, 4)}
"""Groups that are written beside those of the numbering plan, by the number of digits."""


def phones(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand in a plain text."""
    for run in runs(text):
        if not UNIT.match(text, run.end):
            candidates = sorted(parts(run, SHORTEST, LONGEST), key=_is_merely_possible)
            yield from chosen(candidates, lambda number: _is_phone(number, label(text, number.start, number.end)))


def _is_phone(number: Number, called: Label | None) -> bool:
    digits = number.digits
    if number.words.startswith("+"):
        return _is_international("+" + digits)
    if digits.startswith("00") and _is_international("+" + digits[2:]) and called != "order":
        return True
    if called in ("order", "identity", "card", "amount"):
        return False
    if called == "phone":
        return bool(_national(digits))
    return _has_the_form(number)


def _has_the_form(number: Number) -> bool:
    """Whether it is written as phones are, by somebody who says nothing else of it."""
    digits, groups = number.digits, number.groups
    if len(groups) == 1:
        if CHINESE_MOBILE.fullmatch(digits):
            return True
        return digits.startswith("0") and len(digits) >= 10 and any(map(_is_mobile, _national(digits)))
    if len(digits) < LEAST_WITHOUT_NAME:
        return False
    if digits.startswith("0"):
        return bool(_national(digits))
    if THOUSANDS.match(number.words) and len(groups) != 3:
        return False
    return any(_is_grouped_as(groups, phone) for phone in _national(digits))


def _is_merely_possible(number: Number) -> bool:
    """Where two numbers stand side by side, the part that some country has given out comes first."""
    if not number.words.startswith("+"):
        return False
    try:
        return not phonenumbers.is_valid_number(phonenumbers.parse("+" + number.digits, None))
    except NumberParseException:
        return True


@lru_cache(maxsize=4096)
def _is_international(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, None))
    except NumberParseException:
        return False


@lru_cache(maxsize=4096)
def _national(digits: str) -> tuple[PhoneNumber, ...]:
    """The phones that a number without a country's code may be, one for each country in which it is valid."""
    found = []
    for region in REGIONS:
        try:
            number = phonenumbers.parse(digits, region)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number_for_region(number, region):
            found.append(number)
    return tuple(found)


def _is_mobile(number: PhoneNumber) -> bool:
    return phonenumbers.number_type(number) in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def _is_grouped_as(groups: tuple[str, ...], number: PhoneNumber) -> bool:
    """Whether all of its breaks are breaks of the country's own way to write it, or of another common one."""
    lengths = tuple(map(len, groups))
    national = DIGITS.findall(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
    abroad = DIGITS.findall(phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL))[1:]
    breaks = set(accumulate(lengths[:-1]))
    for form in (national, abroad):
        if sum(map(len, form)) == sum(lengths) and breaks <= set(accumulate(map(len, form[:-1]))):
            return True
    return lengths == OTHER_FORMS.get(sum(lengths))
