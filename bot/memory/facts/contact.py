"""What is written alike in every language: mail addresses, telephone and order numbers."""

from __future__ import annotations

FORMS = {
    "email": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}",
    # seven to fifteen digits (E.164), in groups
    "phone": r"\+?\(?\d(?:[\s().\-/]{0,3}\d){6,14}(?!\d)",
    # five digits at least, fewer behind letters or a hash: a year or an amount is none
    "order": r"(?:\#?[A-Z]{1,4}-?\d[\d-]{2,}\d|\#?\d[\d-]{3,}\d|\#\d{3,4})(?!-?[A-Za-z\d_@])",
}
"""Patterns by the names under which rules refer to them."""
