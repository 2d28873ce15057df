"""What customers write around their values, by language.

`{value}` stands for a personal value, `{number}` for a number that is none.
"""

from __future__ import annotations

SPOKEN = {
    "US": "en",
    "GB": "en",
    "DE": "de",
    "FR": "fr",
    "ES": "es",
    "IT": "it",
    "NL": "nl",
    "PL": "pl",
    "SE": "sv",
    "BR": "pt",
    "IN": "hi",
    "CN": "zh",
}

NAMED: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "phone": (
            "My phone number is {value}.",
            "call me at {value} after six",
            "You can reach me on {value}, thanks",
            "mobile: {value}",
        ),
        "email": ("Please write to {value}.", "my email is {value}", "send it to {value}, not to the old one"),
        "card": (
            "I paid with card {value}",
            "my credit card {value} was charged twice!",
            "card number {value}, exp 04/27",
        ),
        "iban": ("Please refund to {value}.", "my bank account is {value}", "IBAN: {value}"),
        "national_id": (
            "My national id is {value}",
            "ID number {value}, as asked",
            "my social security number: {value}.",
        ),
    },
    "de": {
        "phone": (
            "Meine Telefonnummer ist {value}.",
            "Rufen Sie mich bitte an: {value}",
            "Handy {value}, am besten abends",
        ),
        "email": ("Bitte schreiben Sie an {value}.", "E-Mail: {value}"),
        "card": ("Ich habe mit der Kreditkarte {value} bezahlt.", "Kartennummer {value}"),
        "iban": ("Bitte überweisen Sie auf {value}.", "IBAN {value}, danke"),
        "national_id": ("Meine Steuer-ID ist {value}.", "Identifikationsnummer: {value}"),
    },
    "fr": {
        "phone": (
            "Mon numéro de téléphone est le {value}.",
            "appelez-moi au {value} s'il vous plaît",
            "portable : {value}",
        ),
        "email": ("Écrivez-moi à {value}.", "mon adresse : {value}"),
        "card": ("J'ai payé avec la carte {value}.", "ma carte bancaire {value} a été débitée"),
        "iban": ("Merci de rembourser sur {value}", "RIB : {value}"),
        "national_id": ("Mon numéro de sécurité sociale est {value}.", "n° sécu {value}"),
    },
    "es": {
        "phone": ("Mi teléfono es {value}.", "llámeme al {value}, por favor", "móvil {value}"),
        "email": ("Mi correo es {value}.", "escríbame a {value}"),
        "card": ("Pagué con la tarjeta {value}.", "tarjeta: {value}"),
        "iban": ("Hagan la devolución a {value}", "mi cuenta: {value}"),
        "national_id": ("Mi DNI es {value}.", "DNI/NIE: {value}"),
    },
    "it": {
        "phone": ("Il mio telefono è {value}.", "mi chiami al {value}", "cellulare: {value}"),
        "email": ("La mia mail è {value}.", "scrivete a {value}"),
        "card": ("Ho pagato con la carta {value}.",),
        "iban": ("Rimborsate su {value}, grazie", "IBAN: {value}"),
        "national_id": ("Il mio codice fiscale è {value}.", "C.F. {value}"),
    },
    "nl": {
        "phone": ("Mijn telefoonnummer is {value}.", "bel mij op {value}", "mobiel: {value}"),
        "email": ("Mijn e-mailadres is {value}.", "mail naar {value}"),
        "card": ("Ik betaalde met creditcard {value}.",),
        "iban": ("Graag terugbetalen op {value}.", "rekening {value}"),
        "national_id": ("Mijn BSN is {value}.", "burgerservicenummer {value}"),
    },
    "pl": {
        "phone": ("Mój telefon to {value}.", "proszę zadzwonić: {value}", "komórka {value}"),
        "email": ("Mój e-mail: {value}", "proszę pisać na {value}"),
        "card": ("Zapłaciłem kartą {value}.",),
        "iban": ("Proszę o zwrot na {value}", "konto: {value}"),
        "national_id": ("Mój PESEL to {value}.", "PESEL {value}"),
    },
    "sv": {
        "phone": ("Mitt telefonnummer är {value}.", "ring mig på {value}", "mobil: {value}"),
        "email": ("Min e-post är {value}.", "skriv till {value}"),
        "card": ("Jag betalade med kortet {value}.",),
        "iban": ("Betala tillbaka till {value}",),
        "national_id": ("Mitt personnummer är {value}.", "personnr: personnummer {value}"),
    },
    "pt": {
        "phone": ("Meu telefone é {value}.", "ligue para {value}, por favor", "celular {value}"),
        "email": ("Meu e-mail é {value}.", "escreva para {value}"),
        "card": ("Paguei com o cartão {value}.",),
        "iban": ("Façam o reembolso em {value}",),
        "national_id": ("Meu CPF é {value}.", "CPF: {value}"),
    },
    "hi": {
        "phone": ("मेरा फ़ोन नंबर {value} है।", "please call {value}", "मोबाइल: {value}"),
        "email": ("मेरा ईमेल {value} है", "mail me at {value}"),
        "card": ("मैंने कार्ड {value} से भुगतान किया", "card {value}"),
        "iban": ("refund to {value}",),
        "national_id": ("मेरा आधार नंबर {value} है", "my aadhaar is {value}", "PAN {value}"),
    },
    "zh": {
        "phone": ("我的电话是{value}。", "请打我手机{value}，谢谢", "联系方式：{value}"),
        "email": ("我的邮箱是{value}，请回复。", "发到{value}吧"),
        "card": ("我用信用卡{value}付的款", "卡号{value}，被扣了两次"),
        "iban": ("请退到账户{value}",),
        "national_id": ("我的身份证号是{value}。", "身份证{value}"),
    },
}
BY_ITSELF = (
    "{value}",
    "Hi, {value}",
    "ok: {value}.",
    "{value} :)",
    "({value})",
    "here you go\n{value}\nbye",
    "{value}，谢谢",
    '"{value}"',
)
"""What stands around values that are written so that their form tells what they are."""

NUMBERS: dict[str, tuple[str, ...]] = {
    "en": (
        "My order number is {number}.",
        "order #{number} has not arrived",
        "tracking number {number} shows nothing",
        "Invoice {number}",
        "article no. {number}, please",
        "ticket {number} is still open",
    ),
    "de": (
        "Meine Bestellnummer ist {number}.",
        "Sendungsnummer {number}",
        "Rechnung {number} fehlt",
        "Kundennummer: {number}",
    ),
    "fr": ("Ma commande {number} n'est pas arrivée.", "numéro de suivi {number}", "facture {number}"),
    "es": ("Mi pedido {number} no ha llegado.", "número de seguimiento: {number}", "factura {number}"),
    "it": ("Il mio ordine {number} non è arrivato.", "spedizione {number}", "fattura n. {number}"),
    "nl": ("Mijn bestelling {number} is er niet.", "ordernummer {number}", "factuur {number}"),
    "pl": ("Moje zamówienie {number} nie dotarło.", "numer przesyłki {number}", "faktura {number}"),
    "sv": ("Min beställning {number} har inte kommit.", "ordernummer {number}", "faktura {number}"),
    "pt": ("Meu pedido {number} não chegou.", "código de rastreio {number}", "nota fiscal {number}"),
    "hi": ("मेरा ऑर्डर {number} नहीं आया", "order id {number}", "ट्रैकिंग {number}"),
    "zh": ("我的订单号是{number}。", "快递单号{number}查不到", "发票{number}"),
}
PLAIN = (
    "It was on {plain}.",
    "{plain}?",
    "Since {plain}, nothing.",
    "日期{plain}",
    "am {plain} bestellt",
    "le {plain}",
    "{plain} por favor",
)
