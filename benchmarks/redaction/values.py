"""Invented personal values of twelve countries with right check digits, and numbers that only look like some."""

from __future__ import annotations

import string
from collections.abc import Callable
from importlib import import_module
from random import Random

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat
from stdnum import iban, luhn, verhoeff

COUNTRIES = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "PL", "SE", "BR", "IN", "CN")
PHONES = {  # beginnings of mobile and fixed numbers, with # for any digit, without the country's code
    "US": ("212#######", "415#######", "617#######", "702#######"),
    "GB": ("7911######", "7400######", "20 7946 ####".replace(" ", ""), "161496####"),
    "DE": ("171#######", "1515#######", "30########", "89########"),
    "FR": ("6########", "7########", "142######", "472######"),
    "ES": ("6########", "91#######", "93#######"),
    "IT": ("347#######", "320#######", "06########", "02########"),
    "NL": ("6########", "20#######", "10#######"),
    "PL": ("512######", "601######", "22#######"),
    "SE": ("70#######", "73#######", "8#######"),
    "BR": ("119########", "219########", "113#######"),
    "IN": ("98########", "70########", "11########"),
    "CN": ("138########", "159########", "10########", "21########"),
}
IBANS = {
    "GB": "AAAA##############",
    "DE": "##################",
    "FR": "##########AAAAAAAAAAA##",
    "ES": "####################",
    "IT": "A##########AAAAAAAAAAAA",
    "NL": "AAAA##########",
    "PL": "########################",
    "SE": "####################",
    "BR": "#######################AA",
}
BANKS = {"GB": ("NWBK", "BARC", "MIDL"), "NL": ("ABNA", "INGB", "RABO")}
CARDS = {
    "4###############": 16,
    "51##############": 16,
    "2221############": 16,
    "37#############": 15,
    "62##############": 16,
    "6011############": 16,
    "36############": 14,
}
NAMES = [
    "anna",
    "li.wei",
    "jürgen",
    "maria.garcia",
    "tom_b",
    "piotr.nowak",
    "zoë",
    "x9",
    "sales+de",
    "marie-claire",
    "o'brien",
    "raj.kumar",
    "张",
][:-1]
HOSTS = (
    "example.com",
    "example.org",
    "mail.example.net",
    "qq.com",
    "example.co.uk",
    "web.example.de",
    "müller.de",
    "example.com.br",
    "163.com",
)


def fill(random: Random, form: str) -> str:
    """Digits for `#`, capital letters for `A`."""
    return "".join(
        random.choice(string.digits) if sign == "#" else random.choice(string.ascii_uppercase) if sign == "A" else sign
        for sign in form
    )


def email(random: Random, country: str) -> str:
    return f"{random.choice(NAMES)}{random.choice(('', str(random.randrange(100))))}@{random.choice(HOSTS)}"


def card(random: Random, country: str) -> str:
    form = random.choice(list(CARDS))
    body = fill(random, form)[:-1]
    number = body + luhn.calc_check_digit(body)
    if random.random() < 0.4:
        return number
    sign = random.choice((" ", "-", " "))
    sizes = (4, 6, 5) if len(number) == 15 else (4, 6, 4) if len(number) == 14 else (4, 4, 4, 4)
    places = [sum(sizes[:place]) for place in range(len(sizes))]
    return sign.join(number[start : start + size] for start, size in zip(places, sizes, strict=True))


def account(random: Random, country: str) -> str:
    """An IBAN; a card where the country has none."""
    if country not in IBANS:
        return card(random, country)
    while True:
        rest = fill(random, IBANS[country])
        if country in BANKS:
            rest = random.choice(BANKS[country]) + rest[4:]
        number = country + iban.calc_check_digits(f"{country}00{rest}") + rest
        if iban.is_valid(number, check_country=False):
            break
    written = iban.format(number) if random.random() < 0.5 else number
    return written.lower() if random.random() < 0.1 else written


def phone(random: Random, country: str) -> tuple[str, bool]:
    """A valid number, and whether it is written so that it needs a name beside it to be known for one."""
    number = _valid_phone(random, country)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    forms: tuple[Callable[[], str], ...] = (
        lambda: phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
        lambda: phonenumbers.format_number(number, PhoneNumberFormat.E164),
        lambda: "00" + phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:],
        lambda: national,
        lambda: national.replace(" ", "-").replace("--", "-").replace(")-", ") "),
        lambda: "".join(sign for sign in national if sign.isdigit()),
    )
    choice = random.randrange(len(forms))
    return forms[choice](), choice == 5 or (choice >= 3 and len(national.replace("-", " ").split()) == 1)


def _valid_phone(random: Random, country: str) -> PhoneNumber:
    while True:
        digits = fill(random, random.choice(PHONES[country]))
        prefix = "" if country in ("US", "ES", "IT", "PL") else "0"
        number = phonenumbers.parse(prefix + digits, country)
        if phonenumbers.is_valid_number(number):
            return number


def national_id(random: Random, country: str) -> tuple[str, bool]:
    """A person's number, and whether it is written so that it needs a name beside it."""
    while True:
        number, needs_name = _IDS[country](random)
        module = _MODULES[country]
        if module is None or import_module(f"stdnum.{module}").is_valid(number):
            return number, needs_name


def _date(random: Random) -> tuple[int, int, int]:
    return random.randrange(1940, 2005), random.randrange(1, 13), random.randrange(1, 29)


def _us(random: Random) -> tuple[str, bool]:
    dashed = random.random() < 0.7
    return fill(random, "###-##-####" if dashed else "#########"), not dashed


def _gb(random: Random) -> tuple[str, bool]:
    letters = random.choice("ABCEHJLMPRSTW") + random.choice("ABCEHJLMPRSTW")
    form = random.choice(("{} ## ## ## {}", "{}######{}"))
    return fill(random, "@").replace("@", fill(random, form.format("@", "!"))).replace("@", letters).replace(
        "!", random.choice("BCD")
    ), False


def _de(random: Random) -> tuple[str, bool]:
    digits = random.sample(string.digits, 9)
    digits.insert(random.randrange(10), random.choice(digits))
    number = "".join(digits)
    whole = number + import_module("stdnum.iso7064.mod_11_10").calc_check_digit(number)
    spaced = random.random() < 0.4
    return (f"{whole[:2]} {whole[2:5]} {whole[5:8]} {whole[8:]}" if spaced else whole), not spaced


def _fr(random: Random) -> tuple[str, bool]:
    year, month, _ = _date(random)
    body = f"{random.choice('12')}{year % 100:02}{month:02}{random.randrange(1, 96):02}" + fill(random, "######")
    whole = f"{body}{97 - int(body) % 97:02}"
    spaced = " ".join((whole[0], whole[1:3], whole[3:5], whole[5:7], whole[7:10], whole[10:13], whole[13:]))
    return random.choice((whole, spaced)), False


def _es(random: Random) -> tuple[str, bool]:
    dni, nie = import_module("stdnum.es.dni"), import_module("stdnum.es.nie")
    if random.random() < 0.3:
        body = random.choice("XYZ") + fill(random, "#######")
        return body + nie.calc_check_digit(body), False
    body = fill(random, "########")
    return body + random.choice(("", "-")) + dni.calc_check_digit(body), False


def _it(random: Random) -> tuple[str, bool]:
    module = import_module("stdnum.it.codicefiscale")
    year, _, day = _date(random)
    consonants = "".join(random.choice("BCDFGLMNPRSTVZ") for _ in range(6))
    day += random.choice((0, 40))
    body = f"{consonants}{year % 100:02}{random.choice('ABCDEHLMPRST')}{day:02}{random.choice('ABCDEFGHIL')}" + fill(
        random, "###"
    )
    return body + module.calc_check_digit(body), False


def _nl(random: Random) -> tuple[str, bool]:
    return fill(random, "#########"), True


def _pl(random: Random) -> tuple[str, bool]:
    year, month, day = _date(random)
    body = f"{year % 100:02}{month + (20 if year >= 2000 else 0):02}{day:02}" + fill(random, "####")
    return body + import_module("stdnum.pl.pesel").calc_check_digit(body), False


def _se(random: Random) -> tuple[str, bool]:
    year, month, day = _date(random)
    body = f"{year % 100:02}{month:02}{day:02}" + fill(random, "###")
    check = luhn.calc_check_digit(body)
    century = random.choice(("", str(year // 100)))
    dashed = random.random() < 0.7
    return f"{century}{body[:6]}{'-' if dashed else ''}{body[6:]}{check}", not dashed


def _br(random: Random) -> tuple[str, bool]:
    cpf = import_module("stdnum.br.cpf")
    body = fill(random, "#########")
    whole = body + cpf._calc_check_digits(body)
    dotted = random.random() < 0.7
    return (cpf.format(whole) if dotted else whole), not dotted


def _in(random: Random) -> tuple[str, bool]:
    if random.random() < 0.3:
        return fill(random, "AAAPA####A"), False
    body = random.choice("23456789") + fill(random, "##########")
    whole = body + verhoeff.calc_check_digit(body)
    spaced = random.random() < 0.7
    return (f"{whole[:4]} {whole[4:8]} {whole[8:]}" if spaced else whole), not spaced


def _cn(random: Random) -> tuple[str, bool]:
    year, month, day = _date(random)
    body = f"{random.choice(('110105', '310101', '440305', '510104'))}{year}{month:02}{day:02}" + fill(random, "###")
    return body + import_module("stdnum.cn.ric").calc_check_digit(body), False


_IDS: dict[str, Callable[[Random], tuple[str, bool]]] = {
    "US": _us,
    "GB": _gb,
    "DE": _de,
    "FR": _fr,
    "ES": _es,
    "IT": _it,
    "NL": _nl,
    "PL": _pl,
    "SE": _se,
    "BR": _br,
    "IN": _in,
    "CN": _cn,
}
_MODULES = {
    "US": "us.ssn",
    "GB": None,
    "DE": "de.idnr",
    "FR": "fr.nir",
    "ES": "es.nif",
    "IT": "it.codicefiscale",
    "NL": "nl.bsn",
    "PL": "pl.pesel",
    "SE": "se.personnummer",
    "BR": "br.cpf",
    "IN": None,
    "CN": "cn.ric",
}


def near_miss(random: Random) -> str:
    """A number of a shop's everyday life, without its name."""
    forms = (
        "#########",
        "##########",
        "###########",
        "############",
        "A-######",
        "AA#########AA",
        "###-#######-#######",
        "AA-####-#####",
        "1Z###AA##########",
        "################",
        "####################",
        "#######",
        "########",
    )
    return (
        fill(random, random.choice(forms)).replace("0", "7", 1) if random.random() < 0.8 else fill(random, "20##-0#-1#")
    )


def plain_number(random: Random) -> str:
    """Dates, times, prices and sizes, which need no name."""
    number = random.randrange
    return random.choice(
        (
            f"{number(2019, 2027)}-{number(1, 13):02}-{number(1, 29):02}",
            f"{number(1, 29):02}.{number(1, 13):02}.{number(2019, 2027)}",
            f"{number(1, 13)}/{number(1, 29)}/{number(2019, 2027)} {number(24):02}:{number(60):02}",
            f"{number(1, 9)}.{number(100, 999)},{number(100):02} €",
            f"${number(1, 90)},{number(100, 999)}.{number(100):02}",
            f"{number(1, 9)} {number(100, 999)} {number(100, 999)} kr",
            f"{number(10, 200)}x{number(10, 200)}x{number(10, 99)} cm",
            f"192.168.{number(256)}.{number(256)}",
            f"v{number(9)}.{number(20)}.{number(2000)}",
            f"{number(1000, 9999)}-{number(1000, 9999)}",
            f"logo@{number(2, 4)}x.png",
            f"@shop{number(100)}",
        )
    )
