"""The compiled kernel: built once on the machine that runs it, and called without Python's lock.

`kernel.c` tells what it computes. Where there is no compiler, `load` says so with None, and PyTorch does the work.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import platform
import shutil
import subprocess
import tempfile
from ctypes import POINTER, Structure, c_float, c_int32, c_void_p
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("kernel.c")
OPTIONS = (
    *("-O2", "-ftree-vectorize", "-march=native", "-fopenmp", "-shared", "-fPIC"),
    # sums in any order; not -ffast-math, which would change how the whole process rounds the smallest numbers
    *("-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros", "-fassociative-math", "-freciprocal-math"),
    "-ffinite-math-only",
)
COMPILE_SECONDS = 120
log = logging.getLogger(__name__)


class Linear(Structure):
    """`struct linear`."""

    _fields_ = (
        *((name, c_void_p) for name in ("weights", "scales", "bias", "sums")),
        *((name, c_int32) for name in ("inputs", "outputs")),
    )


class Norm(Structure):
    """`struct norm`."""

    _fields_ = (("weight", c_void_p), ("bias", c_void_p))


class Layer(Structure):
    """`struct layer`."""

    _fields_ = (
        *((name, Norm) for name in ("before_attention", "before_feed_forward")),
        *((name, Linear) for name in ("queries_keys_values", "attended", "wider", "narrower")),
        *((name, c_void_p) for name in ("keys", "values")),
    )


class Model(Structure):
    """`struct model`."""

    _fields_ = (
        *(("tokens", c_void_p), ("positions", c_void_p), ("layers", POINTER(Layer))),
        *(("last", Norm), ("logits", Linear)),
        *((name, c_int32) for name in ("layer_count", "heads", "width", "context")),
        ("epsilon", c_float),
    )


class Rows(Structure):
    """`struct rows`."""

    _fields_ = (
        *((name, c_void_p) for name in ("tokens", "spans", "blocks", "wanted", "logits")),
        *((name, c_void_p) for name in ("hidden", "wide", "mixed", "bytes", "scales", "zeros", "owners")),
        *((name, c_int32) for name in ("row_count", "span_count", "wanted_count")),
    )


class Kernel:
    """The functions of `kernel.c`."""

    def __init__(self, library: Path) -> None:
        self.library = library
        self._run = ctypes.CDLL(str(library)).run_pass
        self._run.argtypes = (POINTER(Model), POINTER(Rows), c_int32)
        self._run.restype = None

    def run(self, model: Model, rows: Rows, threads: int) -> None:
        """Puts rows of tokens through the model; both must point to memory that fits."""
        self._run(model, rows, threads)


@cache
def load() -> Kernel | None:
    """The kernel for this machine, compiled when nobody has done so before.

    None if it cannot be, and a line in the log that says why.
    """
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        log.warning("without a C compiler (such as gcc) the language model runs at a third of its speed")
        return None
    try:
        return Kernel(_library(compiler))
    except (OSError, subprocess.SubprocessError) as error:
        lines = (getattr(error, "stderr", None) or str(error)).splitlines()
        reason = next((line for line in lines if "error" in line), lines[0])
        log.info("the language model's kernel cannot be compiled, PyTorch's are used: %s", reason)
        return None


def _library(compiler: str) -> Path:
    """Where the compiled kernel lies; compiles it if need be."""
    name = hashlib.sha256("\n".join((SOURCE.read_text(), compiler, *OPTIONS, _processor())).encode()).hexdigest()[:16]
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "parley"
    library = folder / f"kernel-{name}.so"
    if library.is_file():
        return library
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        built = tempfile.mkdtemp(dir=folder)
    except OSError:  # no home that can be written to
        folder = Path(built := tempfile.mkdtemp())
    made = Path(built) / library.name
    command = [compiler, *OPTIONS, str(SOURCE), "-o", str(made), "-lm"]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=COMPILE_SECONDS)
    if folder == Path(built):
        return made
    made.replace(library)  # at once, whoever else does the same
    Path(built).rmdir()
    return library


def _processor() -> str:
    """What the kernel was compiled for, so that a home shared by different machines keeps one for each."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line for line in lines if line.lower().startswith(("flags", "features"))), platform.machine())
