"""Knowledge: documents become passages, passages become evidence for a question."""
