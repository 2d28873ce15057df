"""Figures for Prometheus: counts of replies by route, seconds of each stage, work that waits."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot.messages import Draft, Turn
from bot.protocols import Counting, EngineCounts, Publish, TextEngine
from bot.worker import Replies

STAGE_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 30)


class MeasuredPipeline:
    """A pipeline that is counted; the registry is this bot's own, so that several live in one process."""

    def __init__(self, pipeline: Replies, registry: CollectorRegistry) -> None:
        self._pipeline = pipeline
        self._replies = Counter(
            "parley_replies", "Replies by route and channel", ["route", "channel"], registry=registry
        )
        self._stages = Histogram(
            "parley_stage_seconds", "Seconds of a stage", ["stage"], buckets=STAGE_BUCKETS, registry=registry
        )
        self._failures = Counter("parley_failures", "Turns that ended in an apology", registry=registry)

    async def reply(self, turn: Turn, publish: Publish) -> Draft:
        draft = await self._pipeline.reply(turn, publish)
        self._replies.labels(draft.route, turn.conversation.channel).inc()
        for stage, seconds in draft.trace.get("seconds", {}).items():
            self._stages.labels(stage).observe(seconds)
        return draft

    def apology(self, turn: Turn) -> Draft:
        self._failures.inc()
        return self._pipeline.apology(turn)


class ServingModel(Collector):
    """Which language model speaks and what it does; another one after a promotion, whose counts begin anew."""

    def __init__(self, engine: TextEngine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("parley_language_model", "The model that speaks", {"name": self._engine.name})
        counts = self._engine.counts if isinstance(self._engine, Counting) else None
        if counts is not None:
            yield from _families(counts)


def _families(counts: EngineCounts) -> Iterator[Metric]:
    totals = {
        "prompt_tokens": ("Tokens of prompts", counts.prompt_tokens),
        "reused_tokens": ("Tokens of prompts that were in the cache", counts.reused_tokens),
        "new_tokens": ("Tokens of replies", counts.new_tokens),
        "steps": ("Passes through the language model", counts.steps),
        "refused": ("Requests that found the language model's queue full", counts.refused),
        "retried": ("Requests begun again after a device had failed", counts.retried),
    }
    for name, (meaning, value) in totals.items():
        yield CounterMetricFamily(f"parley_language_model_{name}", meaning, value)
    yield GaugeMetricFamily("parley_language_model_running", "Requests in the running batch", counts.running)
    yield GaugeMetricFamily("parley_language_model_waiting", "Requests that wait for a place", counts.waiting)
