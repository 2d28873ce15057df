"""Language models that other servers run."""
