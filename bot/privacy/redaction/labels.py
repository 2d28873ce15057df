"""What the words around a number call it, in the languages of the countries whose numbers are known."""

from __future__ import annotations

from typing import Literal

import regex

Label = Literal["order", "phone", "identity", "card", "amount"]

BEFORE, AFTER = 48, 32
"""Characters in which the name of a number is looked for."""

ORDER = r"""
    \#|\b(?:orders?(?!\w)|order[-\ ]?(?:no|nr|id|number)|orden|ordine|ordernummer|ordre|tracking|track|parcel
    |package|shipment|consignment|waybill|invoice|receipt|ticket|case|ref(?:erence|erencia|erenz|erence)?
    |référence|transaction|booking|reservation|customer|account|article|item|product|sku|ean|gtin|isbn|barcode
    |serial|imei|model|voucher|coupon|gift\ card|promo|code|código|codice|kod|bestell\w*|sendung\w*|auftrag\w*
    |rechnung\w*|kunden\w*|vorgang\w*|paket\w*|artikel\w*|gutschein\w*|serien\w*|commande|suivi|colis|facture
    |dossier|client|pedido|seguimiento|rastreo|rastreio|factura|fatura|envío|paquete|encomenda|spedizione
    |tracciamento|fattura|pacco|ordernr|bestelling|factuur|zending|pakket|volgnummer|klantnummer|zamówieni\w*
    |przesyłk\w*|paczk\w*|faktur\w*|nr\ zam\w*|beställning\w*|spårning\w*|kolli\w*|försändelse\w*|paket
    |nota\ fiscal|protocolo)\b
    |订单|訂單|单号|單號|运单|快递|物流|发票|编号|工单|流水号|商品|货号|券码|验证码|ऑर्डर|ट्रैकिंग|주문|송장|注文|追跡"""
PHONE = r"""
    \b(?:phone\w*|telephone|tel|mobile|mobil\w*|cell\w*|call|calling|ring|reach|text\ me|texts?|whats\s?app
    |signal|sms|dial|fax|handy\w*|telefon\w*|anruf\w*|anzurufen|ruf\w*|erreich\w*|téléphon\w*|téléphone|portable
    |appel\w*|joindre|joignable|teléfono|móvil|ll[aá]m\w*|celular|telefono|cellulare|cell|chiam\w*|telefoon\w*
    |bel|bellen|mobiel\w*|zadzwo\w*|dzwo\w*|komórk\w*|komórkowy|ringa?|nås|telefone|ligue|ligar|contacto
    |recapito)\b|फ़ोन|फोन|मोबाइल|नंबर\ पर|电话|電話|手机|手機|联系|聯絡|致电|拨打|打给|微信|携帯|전화|연락"""
IDENTITY = r"""
    \b(?:ssn|social\ security|socials?|national\ (?:id|insurance)|nino|ni\ number|nhs|identity|identification
    |id\ (?:card|number|no)|(?:my|the)\ id|passport|tax\ (?:id|number|file)|steuer\w*|idnr|identifikationsnummer
    |personalausweis\w*|ausweis\w*|sécu|sécurité\ sociale|nir|insee|carte\ vitale|numéro\ fiscal|dni|nie|nif
    |documento|identidad|codice\ fiscale|cod\.?\ fisc\w*|bsn|burgerservicenummer|sofinummer|pesel\w*|dowód\w*
    |personnummer|person-?nr|cpf|aadhaa?r|adhar|pan|sin|tfn|curp|rrn|my\ number|ahv\w*|avs|rijksregister\w*
    |henkilötunnus)\b|身份证|身分证|身份證|证件|आधार|पैन|주민등록|マイナンバー"""
CARD = r"""
    \b(?:card|visa|master\s?card|amex|credit|debit|kreditkart\w*|karte\w*|carte\ (?:bancaire|bleue)|carte
    |tarjeta|carta|creditcard|kaart\w*|kart[aęy]|kort\w*|cartão)\b|卡号|卡號|信用卡|银行卡|银行卡号|कार्ड|카드|カード"""
AMOUNT = r"""
    [$€£¥₹]|\b(?:eur|usd|gbp|pln|sek|brl|inr|cny|rmb|price|total|amount|betrag|preis|prix|precio|prezzo|prijs
    |cena|pris|preço|points?)\b|金额|价格|元"""
NAMES = regex.compile(
    "|".join(
        f"(?P<{name}>{words})"
        for name, words in {
            "identity": IDENTITY,
            "phone": PHONE,
            "order": ORDER,
            "card": CARD,
            "amount": AMOUNT,
        }.items()
    ),
    regex.IGNORECASE | regex.VERBOSE,
)
ENDS = regex.compile(r"[\n!?。！？;；]|(?<=\p{L}{4}|[0-9]{4})\.\s")
ANOTHER = regex.compile(r"[0-9]{3}|[0-9][\-./][0-9]")
LIST_GAP = 6
NEXT = 16
"""A name that stands so close before another number is that one's."""


def label(text: str, start: int, end: int) -> Label | None:
    """What the number at a place is called: by the nearest name before it in its sentence, else by the first after."""
    before = ENDS.split(text[max(0, start - BEFORE) : start])[-1]
    named = list(NAMES.finditer(before))
    if named and not _is_anothers(before, named[-1]):
        return _label(named[-1])
    after = ENDS.split(text[end : end + AFTER + NEXT])[0].split(",")[0].split("，")[0]
    first = NAMES.search(after, endpos=AFTER)
    return None if first is None or ANOTHER.search(after[: first.end() + NEXT]) else _label(first)


def _is_anothers(before: str, name: regex.Match[str]) -> bool:
    """Whether a number stands between; two phones may follow one name (`tel 030 1234567 or 0171 2345678`)."""
    between = [match.end() for match in ANOTHER.finditer(before, name.end())]
    return bool(between) and (name.lastgroup != "phone" or len(before) - between[-1] > LIST_GAP)


LABELS: dict[str, Label] = {
    "identity": "identity",
    "phone": "phone",
    "order": "order",
    "card": "card",
    "amount": "amount",
}


def _label(match: regex.Match[str]) -> Label:
    return LABELS[match.lastgroup or ""]
