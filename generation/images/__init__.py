"""Pictures: generators that learn from a set of pictures, how they are trained, measured and served."""
