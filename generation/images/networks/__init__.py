"""The networks behind the generators; pictures are tensors [N, C, H, W] from -1 to 1, tags multi-hot rows [N, T]."""

from generation.images.networks.architecture import Architecture, Kind
from generation.images.networks.dcgan import DCGANCritic, DCGANGenerator
from generation.images.networks.residual import ResidualCritic, ResidualGenerator
from generation.images.networks.vae import VariationalAutoencoder

__all__ = [
    "Architecture",
    "DCGANCritic",
    "DCGANGenerator",
    "Kind",
    "ResidualCritic",
    "ResidualGenerator",
    "VariationalAutoencoder",
]
