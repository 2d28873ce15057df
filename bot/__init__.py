"""Parley's core: it knows protocols, never a platform, a model or SQL."""

__version__ = "0.1.0"
