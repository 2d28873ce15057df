"""Models: text and embeddings, their training and serving. Usable without the bot."""
