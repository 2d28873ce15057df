"""Numbers that a state gives to a person, by their forms and check digits (python-stdnum)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module

import regex

from bot.privacy.redaction.labels import label

EDGE_BEFORE, EDGE_AFTER = r"(?<![\p{Latin}0-9_@#+]|[\p{Latin}0-9][\-./])", r"(?![\p{Latin}0-9_@]|[\-./][0-9])"


@dataclass(frozen=True, slots=True)
class Scheme:
    """`form` is how the number is written so that it can be told by itself, `bare` how it may be written where the
    words around it say what it is. `module` is the one of python-stdnum with its check digits."""

    module: str
    form: str = ""
    bare: str = ""

    def holds(self, number: str) -> bool:
        """Whether the check digits, and dates in it, are right."""
        if not self.module:
            return True
        is_valid: Callable[[str], bool] = import_module(f"stdnum.{self.module}").is_valid
        return is_valid(number.upper())


SCHEMES = (
    Scheme("us.ssn", r"[0-9]{3}-[0-9]{2}-[0-9]{4}", r"[0-9]{3} ?[0-9]{2} ?[0-9]{4}"),
    Scheme(
        "",  # the United Kingdom's national insurance numbers have no check digit
        r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]",
    ),
    Scheme("gb.nhs", bare=r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}"),
    Scheme("de.idnr", r"[0-9]{2} [0-9]{3} [0-9]{3} [0-9]{3}", r"[0-9]{2}[ ./]?[0-9]{3}[ ./]?[0-9]{3}[ ./]?[0-9]{3}"),
    Scheme(
        "fr.nir",
        r"[12] ?[0-9]{2} ?(?:0[1-9]|1[0-2]|[2-9][0-9]) ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
    ),
    Scheme("es.dni", r"[0-9]{2}\.?[0-9]{3}\.?[0-9]{3}[ -]?[A-Z]"),
    Scheme("es.nie", r"[XYZ][ -]?[0-9]{7}[ -]?[A-Z]"),
    Scheme("it.codicefiscale", r"[A-Z]{6} ?[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2} ?[A-Z][0-9LMNP-V]{3}[A-Z]"),
    Scheme("nl.bsn", bare=r"[0-9]{4}[. ]?[0-9]{2}[. ]?[0-9]{3}|[0-9]{3}[. ]?[0-9]{3}[. ]?[0-9]{3}"),
    Scheme("pl.pesel", r"[0-9]{11}"),
    Scheme("se.personnummer", r"(?:(?:19|20)[0-9]{2}|[0-9]{2})[01][0-9][0-3][0-9][-+][0-9]{4}", r"[0-9]{10}|[0-9]{12}"),
    Scheme("br.cpf", r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", r"[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}[ -]?[0-9]{2}"),
    Scheme("in_.aadhaar", r"[2-9][0-9]{3} [0-9]{4} [0-9]{4}", r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}"),
    Scheme("in_.pan", r"[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]"),
    Scheme("cn.ric", r"[1-9][0-9]{5} ?(?:19|20)[0-9]{6} ?[0-9]{3}[0-9X]"),
    Scheme("kr.rrn", r"[0-9]{6}-[1-8][0-9]{6}", r"[0-9]{6}[1-8][0-9]{6}"),
    Scheme("ch.ssn", r"756\.?[0-9]{4}\.?[0-9]{4}\.?[0-9]{2}"),
    Scheme("be.nn", r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}", r"[0-9]{11}"),
    Scheme("fi.hetu", r"[0-3][0-9][01][0-9]{3}[-+A-FU-Y][0-9]{3}[0-9A-Y]"),
    Scheme("mx.curp", r"[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]"),
    Scheme("ca.sin", bare=r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}"),
    Scheme("au.tfn", bare=r"[0-9]{3} ?[0-9]{3} ?[0-9]{3}"),
    Scheme("jp.in_", bare=r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}"),
)
"""The United States, the United Kingdom, Germany, France, Spain, Italy, the Netherlands, Poland, Sweden, Brazil, India
and China, and as far as their numbers have check digits Korea, Switzerland, Belgium, Finland, Mexico, Canada, Australia
and Japan."""

OTHER = frozenset({"order", "card", "phone"})


def _compiled(form: str) -> regex.Pattern[str]:
    return regex.compile(rf"{EDGE_BEFORE}(?:{form}){EDGE_AFTER}", regex.IGNORECASE)


FORMS = tuple((scheme, _compiled(scheme.form)) for scheme in SCHEMES if scheme.form)
BARE = tuple((scheme, _compiled(scheme.bare)) for scheme in SCHEMES if scheme.bare)


def national_ids(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand in a plain text."""
    called = partial(label, text)
    for scheme, form in FORMS:
        for match in form.finditer(text):
            if scheme.holds(match[0]) and called(*match.span()) not in OTHER:
                yield match.span()
    for scheme, form in BARE:
        for match in form.finditer(text):
            if called(*match.span()) == "identity" and scheme.holds(match[0]):
                yield match.span()
