"""The language of a chat message, which is often too short to tell.

A script of its own settles the matter. Latin letters are judged by the words that people open and close
a chat with, then by py3langid (Lui and Baldwin 2012), weighed with the language that was spoken last:
a customer rarely changes it, and "ok" must not turn a German chat into an English one.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_READ_CHARACTERS = 1000
_STAY = 4.0  # how much likelier the last language is than another, before a word is read
_CHAT_WORD = 8.0  # how much likelier a word of a language's small talk makes it
_SURE = 0.45

_NOT_WORDS = regex.compile(r"https?://\S+|www\.\S+|\S+@\S+|/\w+|[#@]\w+|\{\{.*?\}\}|[A-Za-z0-9_]*[0-9][A-Za-z0-9_]*")
_SCRIPT_LANGUAGES = {
    "Hangul": "ko",
    "Hebrew": "he",
    "Thai": "th",
    "Greek": "el",
    "Devanagari": "hi",
    "Bengali": "bn",
    "Tamil": "ta",
    "Georgian": "ka",
    "Armenian": "hy",
}
_SHARED_SCRIPTS = ("Latin", "Han", "Hiragana", "Katakana", "Cyrillic", "Arabic")
_SCRIPTS = {name: regex.compile(rf"\p{{Script={name}}}") for name in (*_SHARED_SCRIPTS, *_SCRIPT_LANGUAGES)}
# A syllable or word character says as much as several letters: "iPhone 多少钱" is Chinese.
_WEIGHTS = {"Han": 3, "Hiragana": 2, "Katakana": 2, "Hangul": 3}
_UKRAINIAN = regex.compile("[іїєґІЇЄҐ]")
_PERSIAN = regex.compile("[پچژگ]")
_URDU = regex.compile("[ٹڈڑں]")

LATIN_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr")
_CHAT_WORDS = {
    "en": "hi hey hello thanks thx thank you bye goodbye yes yeah please great cool good morning evening sorry my "
    "what where when why how who help is the",
    "de": "hallo mein meine moin servus danke dankeschön tschüss bitte ja nein guten morgen tag abend gut wie wo was "
    "wann warum wer ich ist das hilfe super",
    "fr": "bonjour salut bonsoir merci oui non au revoir quoi comment où pourquoi quand svp aide je est",
    "es": "hola gracias mi adiós buenos buenas días tardes noches sí por favor qué cómo dónde cuándo ayuda es vale",
    "it": "ciao grazie buongiorno buonasera arrivederci sì prego come dove quando perché aiuto per favore",
    "pt": "olá oi obrigado obrigada tchau bom boa dia tarde noite sim não como onde quando ajuda por favor",
    "nl": "hallo hoi bedankt dank je doei ja nee goedemorgen hoe waar wat wanneer waarom alsjeblieft hulp is",
    "pl": "cześć dzień dobry dziękuję tak nie proszę jak gdzie kiedy pomoc",
    "sv": "hej tack ja nej snälla hur var vad när hjälp",
    "tr": "merhaba selam teşekkürler evet hayır lütfen nasıl nerede ne zaman yardım",
}


def detect(text: str, fallback: str) -> str:
    """ISO 639-1 code of the language of `text`; `fallback` (the customer's last one) where it cannot be told."""
    words = _NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", text[:_READ_CHARACTERS]))
    counts = {name: len(pattern.findall(words)) * _WEIGHTS.get(name, 1) for name, pattern in _SCRIPTS.items()}
    script = max(counts, key=lambda name: counts[name])
    if not counts[script]:
        return fallback
    if script == "Latin":
        return _latin(words, fallback)
    return _by_script(script, words, counts)


def warm_up() -> None:
    """Reads the model now (about half a second), so that the first customer does not wait for it."""
    _identifier()


def _by_script(script: str, words: str, counts: dict[str, int]) -> str:
    if script in ("Han", "Hiragana", "Katakana"):
        return "ja" if counts["Hiragana"] + counts["Katakana"] > 0 else "zh"
    if script == "Cyrillic":
        return "uk" if _UKRAINIAN.search(words) else "ru"
    if script == "Arabic":
        return "ur" if _URDU.search(words) else "fa" if _PERSIAN.search(words) else "ar"
    return _SCRIPT_LANGUAGES[script]


def _latin(words: str, fallback: str) -> str:
    spoken = regex.findall(r"\p{L}+", words.lower())
    known = {language: sum(word in vocabulary for word in spoken) for language, vocabulary in _vocabularies().items()}
    likely = {
        language: probability * _CHAT_WORD ** known[language]
        for language, probability in _identifier().rank(words.strip())
    }
    if fallback in likely:
        likely[fallback] *= _STAY
    language = max(likely, key=lambda code: likely[code])
    return language if likely[language] >= _SURE * sum(likely.values()) else fallback


@functools.cache
def _vocabularies() -> dict[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in _CHAT_WORDS.items()}


@functools.cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LATIN_LANGUAGES))
    return identifier
