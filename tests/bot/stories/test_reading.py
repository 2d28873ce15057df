"""Stories are read as written; what is wrong with a file is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.stories.reading import Expectation, Step, read_stories

STORY = """\
# shipping
- story: Shipping
  turns:
    - user: How much is it?
      bot:
        route: [answer, chat]
        citation: shipping.md
        contains: [4.50, no]
        never: yes
    - user: Thanks
"""


def write(folder: Path, text: str) -> Path:
    (folder / "story.yaml").write_text(text, "utf-8")
    return folder / "story.yaml"


def test_every_value_is_the_text_that_was_written(tmp_path: Path) -> None:
    (story,) = read_stories([write(tmp_path, STORY)])
    expectation = Expectation(("answer", "chat"), ("shipping.md",), ("4.50", "no"), ("yes",))
    assert story.name == "Shipping"
    assert story.steps == (Step("How much is it?", expectation, 4), Step("Thanks", Expectation(), 10))


def test_a_file_may_hold_a_single_story_or_none(tmp_path: Path) -> None:
    (story,) = read_stories([write(tmp_path, "story: One\nturns:\n- user: Hi\n")])
    assert story.name == "One"
    assert read_stories([write(tmp_path, "# nothing yet\n")]) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- story: A\n  turns:\n  - user: [", "line 3: this is not YAML"),
        ("hello", "line 1: a story must have the keys story, turns"),
        ("- story: A\n", "line 1: a story needs the key 'turns'"),
        ("- story: A\n  turns: []\n", "line 2: `turns` must be a list"),
        ("- story: A\n  turns:\n  - usr: Hi\n", "line 3: a turn has no key 'usr'; allowed: user, bot"),
        ("- story: A\n  turns:\n  - user: Hi\n    bot:\n      says: x\n", "line 5: `bot` has no key 'says'"),
        (
            "- story: A\n  turns:\n  - user: Hi\n    bot: {route: anwser}\n",
            "line 4: there is no route 'anwser'; allowed: answer",
        ),
        ("- story: A\n  turns:\n  - user: ''\n", "line 3: `user` must be a text that is not empty"),
        ("- story: A\n  turns:\n  - user: Hi\n    bot: {contains: [a, [b]]}\n", "line 4: `contains` must be a text"),
        ("- story: A\n  story: B\n  turns: []\n", "line 2: a story has the key 'story' twice"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_stories([write(tmp_path, text)])
    assert f"story.yaml, {reason}" in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read"):
        read_stories([tmp_path / "story.yaml"])


@given(st.text(max_size=60) | st.text(alphabet="-:[]{}&*!|>'\"%@` \n#abuserstory", max_size=80))
@settings(max_examples=300)
def test_whatever_is_in_the_file_the_error_is_a_plain_one(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(text.encode("utf-8", "replace").decode(), "utf-8")
    said = ""
    try:
        read_stories([file])
    except UsageError as error:
        said = str(error)
    assert not said or "any.yaml" in said
