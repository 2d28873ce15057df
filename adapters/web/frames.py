"""What a widget may send over its WebSocket; the protocol is described in `adapters.web.socket`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from adapters.web.bodies import Body, Identifier, Text


class Hello(Body):
    type: Literal["hello"]
    token: Annotated[str, Field(max_length=1000)] | None = None
    restart: bool = False
    language: Annotated[str, Field(max_length=35, pattern="^[A-Za-z0-9-]*$")] = ""


class Send(Body):
    type: Literal["message"]
    id: Annotated[Identifier, Field(min_length=8)]
    text: Text
    photos: Annotated[tuple[Annotated[str, Field(max_length=1000)], ...], Field(max_length=2)] = ()


class Resume(Body):
    type: Literal["resume"]
    after: Annotated[int, Field(ge=0, le=2**53)] = 0


class Rate(Body):
    type: Literal["feedback"]
    message_id: Identifier
    score: Literal[1, -1]
    comment: Annotated[Text, Field(max_length=2000)] = ""


class ShowPassage(Body):
    type: Literal["passage"]
    id: Identifier


class Ping(Body):
    type: Literal["ping"]


Frame = Annotated[Hello | Send | Resume | Rate | ShowPassage | Ping, Field(discriminator="type")]
FRAME: TypeAdapter[Hello | Send | Resume | Rate | ShowPassage | Ping] = TypeAdapter(Frame)
