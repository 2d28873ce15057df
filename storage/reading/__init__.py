"""What is stored, for those who may read it, and for operators to act on."""
