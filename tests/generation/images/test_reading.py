"""Sets of pictures from folders, zip archives and numpy archives."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from generation.errors import ModelUnusable
from generation.images.pictures import PictureSet, read_pictures
from tests.generation.images.examples import content, folder_of, picture


def reasons(found: PictureSet) -> dict[str, str]:
    return {skipped.name: skipped.reason for skipped in found.skipped}


def numpy_set(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def images(count: int = 12, *shape: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).integers(0, 256, (count, *(shape or (28, 28))), dtype=np.uint8)


def test_sub_folders_are_tags(tmp_path: Path) -> None:
    folder_of(tmp_path, 10, "Ankle_Boot/red")
    found = read_pictures(tmp_path, size=16)
    assert found.images.shape == (10, 16, 16, 3)
    assert found.tags == (("ankle boot", "red"),) * 10
    assert found.names[0] == "Ankle_Boot/red/000.png"


def test_labels_go_before_folders(tmp_path: Path) -> None:
    folder_of(tmp_path, 11, "new")
    rows = [f"new/{number:03}.png,Dress,Red; Silk" for number in range(10)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,kind,more", *rows, "new/lost.png,Hat,"]), "utf-8")
    found = read_pictures(tmp_path, size=16)
    assert found.tags[:10] == (("dress", "red", "silk"),) * 10
    assert found.tags[10] == ("new",)
    assert reasons(found) == {"new/lost.png": "in labels.csv, but not there"}


def test_labels_without_a_column_for_the_file_say_so(tmp_path: Path) -> None:
    folder_of(tmp_path)
    (tmp_path / "labels.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(ModelUnusable, match=r"labels\.csv has no column"):
        read_pictures(tmp_path, size=16)


def test_what_cannot_be_used_is_listed_with_its_reason(tmp_path: Path) -> None:
    folder_of(tmp_path, 10)
    (tmp_path / "cut.png").write_bytes(content(picture(50))[:60])
    (tmp_path / "notes.txt").write_text("hello", "utf-8")
    (tmp_path / ".DS_Store").write_bytes(b"hidden")
    picture(51, (4, 4)).save(tmp_path / "tiny.png")
    picture(3).save(tmp_path / "again.png")
    found = read_pictures(tmp_path, size=16)
    assert len(found) == 10
    assert reasons(found) == {
        "cut.png": reasons(found)["cut.png"],
        "notes.txt": "not a picture",
        "tiny.png": "too small: 4x4 pixels, less than 16 on a side",
        "shoes/003.png": "the same picture as again.png",
    }
    assert reasons(found)["cut.png"].startswith("broken or cut short")


def test_a_repeated_picture_has_the_tags_of_all_its_places(tmp_path: Path) -> None:
    folder_of(folder_of(tmp_path, 10, "red"), 1, "shoes")
    assert read_pictures(tmp_path, size=16).tags[0] == ("red", "shoes")


def test_few_pictures_warn_and_fewer_are_refused(tmp_path: Path) -> None:
    assert "only 10 usable pictures" in read_pictures(folder_of(tmp_path, 10), size=16).warnings[0]
    (tmp_path / "shoes" / "000.png").write_bytes(b"broken")
    with pytest.raises(ModelUnusable, match=r"9 usable pictures .*shoes/000\.png: not a picture.* needs 10"):
        read_pictures(tmp_path, size=16)


def test_a_zip_reads_like_its_folder(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "catalogue", 12)
    with zipfile.ZipFile(tmp_path / "catalogue.zip", "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(tmp_path))
        archive.writestr("__MACOSX/catalogue/shoes/._000.png", b"")
    zipped, plain = read_pictures(tmp_path / "catalogue.zip", size=16), read_pictures(folder, size=16)
    assert zipped.hash == plain.hash
    assert zipped.names == plain.names
    assert zipped.skipped == ()


def test_damage_within_a_zip_costs_one_picture(tmp_path: Path) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for seed in range(11):
            archive.writestr(f"{seed}.png", content(picture(seed)))
    damaged = bytearray(path.read_bytes())
    damaged[60] ^= 0xFF
    path.write_bytes(damaged)
    found = read_pictures(path, size=16)
    assert len(found) == 10
    assert "damaged in the archive" in found.skipped[0].reason


def test_a_numpy_archive_gives_grey_pictures_and_label_names(tmp_path: Path) -> None:
    labels = np.arange(12, dtype=np.uint8) % 2
    file = numpy_set(tmp_path / "some.npz", images=images(), labels=labels, label_names=np.array(["Hat", "Shoe"]))
    found = read_pictures(file, size=32)
    assert found.images.shape == (12, 32, 32, 1)
    assert found.tags[:2] == (("hat",), ("shoe",))


@pytest.mark.parametrize(
    "arrays",
    [
        {"pictures": images()},
        {"images": images().astype(np.float32)},
        {"images": images(12, 28)},
        {"images": images(), "labels": np.arange(12), "label_names": np.array(["one"])},
        {"images": images(), "labels": np.arange(3)},
        {"images": images(), "names": np.array(["a"])},
        {"images": images(12, 4, 4)},
        {"images": np.array([{}], dtype=object)},
    ],
)
def test_a_numpy_archive_of_another_kind_is_refused(tmp_path: Path, arrays: dict[str, Any]) -> None:
    with pytest.raises(ModelUnusable, match=r"some\.npz"):
        read_pictures(numpy_set(tmp_path / "some.npz", **arrays), size=32)


def test_other_files_are_no_sets(tmp_path: Path) -> None:
    (tmp_path / "set.npz").write_bytes(b"PK\3\4 broken")
    (tmp_path / "set.zip").write_bytes(b"PK broken")
    for name in ("set.npz", "set.zip"):
        with pytest.raises(ModelUnusable, match=name):
            read_pictures(tmp_path / name, size=16)


def test_channels_are_what_the_pictures_are_unless_asked_for(tmp_path: Path) -> None:
    for seed in range(12):
        picture(seed, mode="L").save(tmp_path / f"{seed}.png")
    assert read_pictures(tmp_path, size=16).channels == 1
    assert read_pictures(tmp_path, size=16, channels=3).channels == 3
    Image.new("RGB", (16, 16), (0, 255, 0)).save(tmp_path / "green.png")
    assert read_pictures(tmp_path, size=16).channels == 3
    grey = read_pictures(tmp_path, size=16, channels=1)
    assert grey.images[grey.names.index("green.png"), 8, 8, 0] == 150  # 0.587 of 255


def test_a_set_too_large_for_memory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generation.images.pictures.reading.MOST_BYTES", 1000)
    with pytest.raises(ModelUnusable, match="give fewer, or a smaller size"):
        read_pictures(folder_of(tmp_path), size=16)


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    shares: list[float] = []
    read_pictures(folder_of(tmp_path, 10), size=16, report=shares.append)
    assert shares == [number / 10 for number in range(1, 11)]


def test_the_split_depends_on_the_pixels_alone(tmp_path: Path) -> None:
    found = read_pictures(folder_of(tmp_path, 40), size=16)
    training, validation = found.split()
    assert (len(training), len(validation)) == (36, 4)
    assert not set(training.names) & set(validation.names)
    order = list(range(40))
    random.Random(1).shuffle(order)
    assert set(found.of(order).split()[1].names) == set(validation.names)


def test_more_tags_are_joined(tmp_path: Path) -> None:
    found = read_pictures(folder_of(tmp_path, 10), size=16)
    more = found.tagged([("red", "shoes")] * 10)
    assert more.tags[0] == ("shoes", "red")
    assert more.hash != found.hash
