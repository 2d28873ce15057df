"""Pictures from outside: sets to learn from, and single photographs that somebody sends."""

from generation.images.pictures.decoding import Limits, Undecodable
from generation.images.pictures.photo import read_photo
from generation.images.pictures.reading import read_pictures
from generation.images.pictures.sets import PictureSet, Skipped

__all__ = ["Limits", "PictureSet", "Skipped", "Undecodable", "read_photo", "read_pictures"]
