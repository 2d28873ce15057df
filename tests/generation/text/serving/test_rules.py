from __future__ import annotations

from tokenizers import Tokenizer

from generation.text.serving.rules import Rules, never, no_repeat


def spelled(tokenizer: Tokenizer, letters: str) -> list[int]:
    """One token a letter."""
    return [token for letter in letters if (token := tokenizer.token_to_id(letter)) is not None]


def test_a_sequence_is_not_said_twice() -> None:
    refuses = no_repeat(3)
    assert refuses([1, 2, 3, 1, 2], 3)
    assert not refuses([1, 2, 3, 1, 2], 4)
    assert not refuses([1, 2], 3)
    assert refuses([1, 1, 1], 1)
    assert no_repeat(1)([5], 5)


def test_a_banned_word_is_refused_however_it_is_cut_into_tokens(tokenizer: Tokenizer) -> None:
    refuses = never(["shoes"], tokenizer.decode)
    whole = tokenizer.encode("a pair of shoes").ids
    assert refuses(whole[:-1], whole[-1])
    letters = spelled(tokenizer, "ĠSHOES")
    assert refuses(letters[:-1], letters[-1])
    assert not refuses(letters[:-2], letters[-2])


def test_a_banned_word_is_allowed_inside_of_another_one(tokenizer: Tokenizer) -> None:
    refuses = never(["hoe"], tokenizer.decode)
    letters = spelled(tokenizer, "shoe")
    assert not refuses(letters[:-1], letters[-1])


def test_chinese_words_are_found_between_others(tokenizer: Tokenizer) -> None:
    refuses = never(["什么"], tokenizer.decode)
    ids = tokenizer.encode("请问有什么").ids
    assert refuses(ids[:-1], ids[-1])


def test_choices_allow_what_goes_on_with_one_of_them() -> None:
    rules = Rules(choices=((1, 2), (1, 3, 4), (5,)))
    assert rules.allowed([]) == frozenset({1, 5})
    assert rules.allowed([1]) == frozenset({2, 3})
    assert rules.complete([5])
    assert not rules.complete([1, 3])


def test_a_choice_that_another_one_continues_may_end() -> None:
    rules = Rules(choices=((1,), (1, 2)))
    assert rules.may_end([1])
    assert not rules.complete([1])
    assert not rules.may_end([])
    assert Rules().may_end([7])
