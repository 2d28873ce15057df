"""Language models of the GPT-2 family: context layout, training, serving and evaluation."""
