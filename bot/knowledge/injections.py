"""Passages that give orders to a machine instead of telling customers something: prompt injections in documents.

They are not searched, so that they are neither quoted nor put before a model. What a document says *of* an assistant
stays; only orders to one, and forged turns of a dialogue, are meant.
"""

from __future__ import annotations

from collections.abc import Sequence

import regex
import structlog

from bot.messages import Passage

log = structlog.get_logger()

ORDERS = regex.compile(
    r"""
      \b(?:ignore|disregard|forget|override)\b[^.\n]{0,30}\b(?:previous|prior|above|earlier|your|their|all|other)\b[^.\n]{0,20}
        \b(?:instructions?|rules?|prompts?|guidelines?|directives?)\b
    | \b(?:assistants?|(?:chat)?bots?|language\ models?|ai|llms?)\b
        [^.\n]{0,20}\b(?:must|should|shall|have\ to|are\ to|need\ to|will\ now)\b[^.\n]{0,60}
        \b(?:ignore|reveal|tell|say|answer|reply|output|print|confirm|approve|grant|send|disclose|repeat)\b
    | ^\W*(?:system|developer|assistant)\s*(?:prompt|message|instruction)?\s*[:：]\s*\S
    | <\|?\/?(?:system|im_start|im_end|endoftext|persona)\|?> | \[\/?INST\] | ^\#{2,}\s*(?:instruction|response)\s*:
    | (?:忽略|无视|忘记|不要管|覆盖)[^。\n]{0,15}(?:指令|规则|提示|要求)
    | (?:助手|机器人|人工智能|AI|模型)[^。\n]{0,6}(?:必须|应当|应该|要|需要|请)[^。\n]{0,30}
        (?:忽略|透露|公开|告诉|回答|输出|打印|确认|批准|答应)
    | ^\W*系统(?:提示|指令|消息)?\s*[:：]\s*\S
    """,
    regex.IGNORECASE | regex.MULTILINE | regex.VERBOSE,
)


def is_order(text: str) -> bool:
    """Whether a text gives orders to a machine."""
    return ORDERS.search(text) is not None


def without_orders(passages: Sequence[Passage]) -> list[Passage]:
    """The passages that may be searched; those left out are named in the log."""
    kept = [passage for passage in passages if not is_order(f"{passage.title}\n{passage.text}")]
    if len(kept) < len(passages):
        searched = {passage.id for passage in kept}
        left_out = sorted({passage.source for passage in passages if passage.id not in searched})
        log.warning("passages that give orders to a machine are not searched", documents=left_out)
    return kept
