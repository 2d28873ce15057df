from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generation.text.serving.slots import WORTH_A_COPY, Slots

PERSONA = list(range(100, 140))


def test_a_conversation_goes_on_in_the_slot_that_has_its_earlier_turns() -> None:
    slots = Slots(3, 128)
    first, known = slots.take([*PERSONA, 1, 2])
    assert known == 0
    slots.put(first, 0, [*PERSONA, 1, 2, 3, 4])  # the prompt and the reply
    slots.release(first)
    assert slots.take([*PERSONA, 1, 2, 3, 4, 5, 6]) == (first, len(PERSONA) + 4)


def test_another_conversation_copies_the_persona_and_leaves_the_first_one_its_turns() -> None:
    slots = Slots(3, 128)
    first, _ = slots.take([*PERSONA, 1])
    slots.put(first, 0, [*PERSONA, *range(60)])
    slots.release(first)
    prompt = [*PERSONA, 7, 8]
    second, known = slots.take(prompt)
    assert (second != first, known) == (True, 0)
    assert slots.better(prompt, known) == (first, len(PERSONA))


def test_what_is_running_can_be_copied_from() -> None:
    slots = Slots(2, 128)
    running, _ = slots.take([*PERSONA, 1])
    slots.put(running, 0, [*PERSONA, 1])
    _, known = slots.take([*PERSONA, 2])
    assert slots.better([*PERSONA, 2], known) == (running, len(PERSONA))


def test_little_is_not_worth_a_copy() -> None:
    slots = Slots(2, 128)
    slot, _ = slots.take([1] * WORTH_A_COPY)
    slots.put(slot, 0, [1] * (WORTH_A_COPY - 1))
    assert slots.better([1] * 40, 0) is None


def test_the_slot_longest_unused_is_taken_first() -> None:
    slots = Slots(2, 128)
    for start in (10, 50):
        slot, _ = slots.take([start])
        slots.put(slot, 0, list(range(start, start + 40)))
        slots.release(slot)
    assert slots.take([1, 2, 3]) == (0, 0)


def test_the_last_token_of_a_prompt_is_always_computed() -> None:
    slots = Slots(1, 128)
    slot, _ = slots.take(PERSONA)
    slots.put(slot, 0, PERSONA)
    slots.release(slot)
    assert slots.take(PERSONA) == (slot, len(PERSONA) - 1)


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=40), min_size=1, max_size=12))
def test_what_is_said_to_be_known_is_what_the_slot_has(prompts: list[list[int]]) -> None:
    slots, truth = Slots(3, 64), dict[int, list[int]]()
    for prompt in prompts:
        slot, known = slots.take(prompt)
        assert truth.get(slot, [])[:known] == prompt[:known]
        assert known < len(prompt)
        if found := slots.better(prompt, known):
            assert truth[found[0]][: found[1]] == prompt[: found[1]]
        slots.put(slot, known, prompt[known:])
        truth[slot] = prompt
        slots.release(slot)


def test_what_has_ended_is_forgotten_when_asked() -> None:
    slots = Slots(2, 128)
    ended, _ = slots.take([*PERSONA, 1])
    slots.put(ended, 0, [*PERSONA, 1, 2])
    slots.release(ended)
    running, _ = slots.take([9, *range(40)])
    slots.put(running, 0, [9, *range(40)])
    slots.forget_free()
    assert slots.best([*PERSONA, 1, 2, 3])[1] == 0
    assert slots.best([9, *range(40), 3]) == (running, 41)
