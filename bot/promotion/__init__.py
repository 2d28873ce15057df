"""From a trained model to the one that serves: compared with the current one, kept, and taken back if need be."""
