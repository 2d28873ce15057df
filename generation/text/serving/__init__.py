"""The engine that serves a language model: token ids in, token ids out, for many requests at once."""
