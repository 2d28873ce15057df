"""A page on which one person plays the customers of both platforms."""

from adapters.playground.page.site import Playground

__all__ = ["Playground"]
