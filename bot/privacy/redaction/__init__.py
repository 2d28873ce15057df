"""Finds personal values in texts of any language, and puts `[card]`, `[email]` and so on in their place.

Emails and numbers are found by form; check digits and numbering plans decide what a number is, and the words around
it where its form alone does not (an order number has as many digits as a phone number).
"""

from bot.privacy.redaction.finding import KINDS, Found, find
from bot.privacy.redaction.redactor import Redactor, redact, redact_all

__all__ = ["KINDS", "Found", "Redactor", "find", "redact", "redact_all"]
