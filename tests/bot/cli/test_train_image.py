"""`parley train image`: a folder of pictures becomes a model, and what cannot be used is said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from bot.cli import run

SHORT = ("--size", "32", "--batch", "4", "--no-report", "--device", "cpu")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve evenly coloured pictures in two sub-folders."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(12):
        (folder / ("hat", "shoe")[number % 2]).mkdir(exist_ok=True)
        picture = Image.new("RGB", (40, 40), (20 * number, 10, 10))
        picture.save(folder / ("hat", "shoe")[number % 2] / f"{number}.png")
    return folder


def test_a_folder_of_pictures_becomes_a_model(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model"
    command = ["train", "image", "--kind", "vae", "--data", str(pictures), "--out", str(out), "--steps", "2", *SHORT]
    assert run([*command, "--samples-every", "1"]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(out)
    assert "only 12 usable pictures" in " ".join(said.err.split())
    assert {"config.json", "model.safetensors", "README.md", "samples.png"} <= {file.name for file in out.iterdir()}
    assert (out / "run" / "growth.gif").is_file()
    assert run(command) == 1
    assert "holds a run already" in capsys.readouterr().err
    assert run([*command, "--resume"]) == 0


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["--kind", "diffusion"], 2, "'diffusion' is not one of 'gan', 'dcgan', 'vae'"),
        (["--size", "48"], 2, "'48' is not one of '32', '64', '128', '256'"),
        (["--augment", "colour,rotation"], 1, "There is no 'rotation'"),
        (["--data", "nowhere"], 2, "'nowhere' does not exist"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    arguments: list[str],
    code: int,
    reason: str,
    pictures: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "model"
    assert run(["train", "image", "--data", str(pictures), "--out", str(out), *SHORT, *arguments]) == code
    said = capsys.readouterr().err
    assert reason in said
    assert "Traceback" not in said


def test_too_few_pictures_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "few").mkdir()
    for number in range(3):
        Image.new("RGB", (40, 40), (50 * number, 0, 0)).save(tmp_path / "few" / f"{number}.png")
    assert run(["train", "image", "--data", str(tmp_path / "few"), "--out", str(tmp_path / "model"), *SHORT]) == 1
    assert "needs 10 at the very least" in capsys.readouterr().err
