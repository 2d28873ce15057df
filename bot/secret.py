"""The bot folder's own secret, with which visitors' tokens are signed."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from bot.errors import SettingsError

FILE_NAME = "secret.key"
BYTES = 32


def load_or_make(folder: Path) -> bytes:
    """The secret of the bot folder, made at the first call; only its owner may read the file.

    Raises SettingsError when the file is damaged or cannot be written.
    """
    path = folder / FILE_NAME
    if not path.exists():
        _make(path)
    return _read(path)


def _make(path: Path) -> None:
    """Writes beside and links into place, so that no other process ever reads half of a secret."""
    draft = path.with_name(f"{FILE_NAME}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({error.strerror}); visitors' tokens need it.") from None
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError):
        secret = b""
    if len(secret) < BYTES:
        raise SettingsError(f"{path} is damaged; delete it to make a new one (visitors then begin new chats).")
    return secret
