"""Measuring on labelled data: answers, topic routing, and what is fitted for them."""
