"""Knowledge bases with questions that they do and do not answer: our own, and made from the public sets.

Only sets whose licence permits it are fitted on. What is not answerable is made so: the documents that answer
are left out, or the question belongs to another trade. Small draws stand for a shop's knowledge base, large
ones for a company's.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from bot.answers.titles import short_title
from bot.evaluation.case import Case, is_in, rows, some, without_answer
from bot.evaluation.cloze import attributes, clozes
from bot.evaluation.entries import places, shops
from bot.evaluation.questions import LabelledQuestion, read_passages, read_questions
from bot.messages import Passage, Query, Utterance

SUPPORT = Path(__file__).parent / "support"
HELP_CENTRES = "help centres"
_VALID_CENTRES = frozenset({"game", "hotel", "phones"})

_KNOWLEDGE = ("doc2dial", "dstc11", "dstc10", "kdconv", "tau2_banking", "abcd")
_CLOZE = ("doc2dial", "kdconv", "tau2_banking", "abcd")
_ENTITIES = {"doc2dial": (4, 12, 40), "dstc11": (1, 3, 20), "kdconv": (10, 40, 200)}
"""How many documents or entities the small draws keep."""
_SHARE = {"doc2dial": 1.0, "dstc11": 1.0, "kdconv": 0.35}
"""Questions drawn: kdconv has several passages for a fact, of which one is labelled."""


def cases(folder: Path, part: str = "train", seed: int = 0, scale: float = 1.0) -> list[Case]:
    """Cases of every set; `part` is train or valid, `scale` multiplies the number of questions."""
    draw = random.Random(f"{part} {seed}")
    size = int(400 * scale)
    known = {name: read_passages(folder / f"{name}/knowledge.jsonl.gz") for name in _KNOWLEDGE}
    asked = {
        "doc2dial": read_questions(folder / f"doc2dial/qa.{part}.jsonl.gz"),
        "dstc11": _grounded(folder / f"dstc11/dialogues.{part}.jsonl.gz", lambda text: True),
        "kdconv": _grounded(folder / f"kdconv/dialogues.{part}.jsonl.gz", lambda text: text.endswith(("？", "?"))),
    }
    drawn = [case for name in asked for case in _draws(name, known[name], asked[name], draw, int(size * _SHARE[name]))]
    made = [case for name in _CLOZE for case in _made(known[name], part, draw, size)]
    entries = [*shops(folder, part, draw, size), *places(known["dstc10"], draw, size // 2)]
    return [
        *_help_centres(part, draw),
        *drawn,
        *made,
        *entries,
        *_foreign(folder, part, drawn, draw, size // 16),
        *_turns(folder, part, draw, size),
    ]


def _help_centres(part: str, draw: random.Random) -> list[Case]:
    """The help centres that come with the project: whole, with passages taken out, and without titles."""
    passages = read_passages(SUPPORT / "knowledge.jsonl")
    questions = read_questions(SUPPORT / "questions.jsonl")
    found = []
    for name in sorted({_centre(passage.id) for passage in passages}):
        if (name in _VALID_CENTRES) != (part == "valid"):
            continue
        base = [passage for passage in passages if _centre(passage.id) == name]
        asked = [question for question in questions if _centre(question.id) == name] + _titles(base)
        untitled = [replace(passage, title="", heading=()) for passage in base]
        for kept in (base, some(base, len(base) * 2 // 3, draw), some(base, len(base) * 2 // 3, draw), untitled):
            found.append(Case(HELP_CENTRES, tuple(kept), tuple(_as_left(asked, kept))))
        found.append(Case(HELP_CENTRES, tuple(base), tuple(_after_another(asked, base, draw))))
        found.append(_told_twice(base, asked, draw))
    return found


def _told_twice(passages: Sequence[Passage], questions: Sequence[LabelledQuestion], draw: random.Random) -> Case:
    """Half of what the centre knows stands in its list of frequent questions too, as it does with most teams: under
    what one customer asked, who is then not asked again. Either place is right."""
    entries: dict[str, Passage] = {}
    told: set[str] = set()
    for passage in draw.sample(list(passages), len(passages) // 2):
        first = draw.choice([question for question in questions if passage.id in question.knowledge])
        told.add(first.id)
        title = f"FAQ › {first.query.text}"
        entries[passage.id] = replace(passage, id=f"{passage.id}-faq", title=title, heading=())
    asked = [
        replace(
            question, knowledge=question.knowledge | {entries[key].id for key in question.knowledge & entries.keys()}
        )
        for question in questions
        if question.id not in told
    ]
    return Case(HELP_CENTRES, (*passages, *entries.values()), tuple(asked))


def _titles(passages: Sequence[Passage]) -> list[LabelledQuestion]:
    """The headings as questions: a customer who picks one of those offered instead of an answer sends it."""
    return [
        LabelledQuestion(f"{passage.id}-title", Query(short_title(passage.title)), (), frozenset([passage.id]))
        for passage in passages
    ]


def _centre(row: str) -> str:
    return row.partition("-")[0]


def _after_another(
    questions: Sequence[LabelledQuestion], passages: Sequence[Passage], draw: random.Random
) -> Iterator[LabelledQuestion]:
    """Each question after an answer about something else, which must not pull it along."""
    texts = {passage.id: passage.text for passage in passages}
    answered = [question for question in questions if question.knowledge]
    for question in questions:
        other = draw.choice(answered)
        turns = (Utterance("user", other.query.text), Utterance("assistant", texts[min(other.knowledge)]))
        yield replace(question, query=replace(question.query, history=turns))


def _as_left(questions: Sequence[LabelledQuestion], kept: Sequence[Passage]) -> list[LabelledQuestion]:
    """The questions, without an answer where their passage is gone."""
    left = {passage.id for passage in kept}
    return [question if question.knowledge & left else without_answer(question) for question in questions]


def _made(passages: Sequence[Passage], part: str, draw: random.Random, size: int) -> list[Case]:
    """Questions made from passages, of which a third is then taken out; the sentences of a part are its own."""
    own = [passage for passage in passages if is_in(part, passage.id)]
    asked = [*some(list(attributes(own, draw)), size // 4, draw), *clozes(own, draw)]
    found = []
    for number, count in enumerate((len(passages), len(passages), 300, 300, 60, 60, 25, 25, 25, 25)):
        base = draw.sample(list(passages), min(count, len(passages)))
        if number % 2:  # titles that help nobody
            base = [replace(passage, title="", heading=()) for passage in base]
        inside = {passage.id for passage in base}
        gone = {passage.id for passage in draw.sample(base, len(base) // 3)}
        questions = some([question for question in asked if question.knowledge <= inside], size // 8, draw)
        labelled = [without_answer(question) if question.knowledge <= gone else question for question in questions]
        found.append(Case("cloze", tuple(p for p in base if p.id not in gone), tuple(labelled)))
    return found


def _draws(
    name: str, passages: Sequence[Passage], questions: Sequence[LabelledQuestion], draw: random.Random, size: int
) -> list[Case]:
    """Half of all entities, and a few of them; questions about those left out have no answer."""
    by_entity: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        by_entity[entity(passage)].append(passage)
    entity_of = {passage.id: entity(passage) for passage in passages}
    names = sorted(by_entity)
    found = []
    for count in (len(names) // 2, *_ENTITIES[name] * 2):
        kept = set(draw.sample(names, count))
        inside = [question for question in questions if any(entity_of.get(i) in kept for i in question.knowledge)]
        outside = [question for question in questions if not any(entity_of.get(i) in kept for i in question.knowledge)]
        share = size // 2 if count == len(names) // 2 else size // 8
        asked = [
            *some(inside, share, draw),
            *(without_answer(question) for question in some(outside, share // 2, draw)),
        ]
        found.append(Case(name, tuple(p for entity_name in sorted(kept) for p in by_entity[entity_name]), tuple(asked)))
    return found


def entity(passage: Passage) -> str:
    """What a passage is about: its document's title, or the place that an entry belongs to."""
    return passage.title.split(" - ")[0]


def _foreign(folder: Path, part: str, bases: Sequence[Case], draw: random.Random, size: int) -> list[Case]:
    """What people ask of other trades: intents and bookings that no knowledge base here covers."""
    covered = ("banking", "credit_cards", "travel")
    english = [row["text"] for row in rows(folder / "clinc150/intents.jsonl.gz") if row["domain"] not in covered]
    english += [row["text"] for row in rows(folder / "multidogo/intents.jsonl.gz") if "?" in row["text"]]
    chinese = [
        turn["text"]
        for dialogue in rows(folder / f"crosswoz/dialogues.{part}.jsonl.gz")
        for turn in dialogue["turns"]
        if turn["role"] == "user"
    ]
    found = []
    for base in bases:
        is_chinese = base.name == "kdconv"
        texts = [text for text in sorted(set(chinese if is_chinese else english)) if is_in(part, text)]
        passages = tuple(passage for passage in base.passages if "kdconv:travel" not in passage.id)
        asked = [
            LabelledQuestion(f"foreign:{number}", Query(text), answerable=False, source="foreign")
            for number, text in enumerate(some(texts, size, draw))
        ]
        found.append(Case("foreign", passages, tuple(asked)))
    return found


def _turns(folder: Path, part: str, draw: random.Random, size: int) -> list[Case]:
    """Turns of dstc11 that no passage answers: bookings and small talk."""
    turns = [turn for turn in read_questions(folder / f"dstc11/turns.{part}.jsonl.gz") if not turn.answerable]
    passages = tuple(read_passages(folder / "dstc11/knowledge.jsonl.gz"))
    return [Case("dstc11", passages, tuple(some(turns, size // 3, draw)))]


def _grounded(path: Path, wanted: Callable[[str], bool]) -> list[LabelledQuestion]:
    """Each user's turn that the assistant answered from passages, with the turns before it."""
    found = []
    for dialogue in rows(path):
        turns = dialogue["turns"]
        for number, (turn, reply) in enumerate(pairwise(turns)):
            if turn["role"] == "user" and reply.get("knowledge") and wanted(turn["text"]):
                history = tuple(Utterance(earlier["role"], earlier["text"]) for earlier in turns[:number])
                found.append(
                    LabelledQuestion(
                        f"{dialogue['id']}:{number}",
                        Query(turn["text"], history, dialogue["lang"]),
                        (reply["text"],),
                        frozenset(reply["knowledge"]),
                        source=dialogue["source"],
                    )
                )
    return found
