"""What the web server is told by the settings, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address


@dataclass(frozen=True, slots=True)
class WebOptions:
    """`language` is `auto` or an ISO 639-1 code; `suggestions` are offered before the first message.

    `message_characters` bounds one message, `messages_per_minute` what one socket may send,
    `attachment_bytes` one photo of a visitor, `connections` the open sockets, `socket_queue` the events
    that wait for one slow socket.
    A caller of the API waits for a reply up to `reply_seconds`; `drain_seconds` is what open requests
    get at the end.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    allowed_origins: tuple[str, ...] = ()
    api_keys: tuple[str, ...] = ()
    public_url: str = ""
    bot_name: str = "Parley"
    greeting: str = ""
    language: str = "auto"
    suggestions: tuple[str, ...] = ()
    message_characters: int = 4000
    messages_per_minute: int = 30
    attachment_bytes: int = 10_000_000
    connections: int = 2000
    socket_queue: int = 256
    body_bytes: int = 1024 * 1024
    reply_seconds: float = 60
    hello_seconds: float = 10
    heartbeat_seconds: float = 25
    drain_seconds: float = 10

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
