"""What is said: threats and slurs are withheld, insults lead to a person, complaints are heard."""
