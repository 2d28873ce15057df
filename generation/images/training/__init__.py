"""Training of picture models: `train` is the way in, `Options` says what is wanted, `Progress` where a run stands."""

from generation.images.training.options import Options
from generation.images.training.progress import Progress
from generation.images.training.run import train

__all__ = ["Options", "Progress", "train"]
