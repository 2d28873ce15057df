"""What is stored about people as a whole: shown, exported, erased, and dropped when it is old."""
