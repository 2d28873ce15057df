"""Texts to vectors for retrieval: the built-in static embedder, its training, and sentence-transformers models."""

from generation.embedding.sentence_transformer import SentenceTransformerEmbedder
from generation.embedding.static import StaticEmbedder

__all__ = ["SentenceTransformerEmbedder", "StaticEmbedder"]
