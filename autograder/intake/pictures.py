"""Students' pictures, read and written anew: what comes out was drawn here, pixel by pixel.

Pillow decodes them in a process of its own with limits on memory and time; only a few formats, no larger than
a page needs, and nothing but pixels is kept: no metadata, no second image, no script.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
PIXELS = 60_000_000  # of a picture that is opened
SIDE = 1600  # pixels of the longer side that is kept
MEMORY = 1_500_000_000  # bytes of address space
SECONDS = 20  # of processor time, for all pictures of one notebook
WALL = 120.0
ASK_FOR_IT = "ask for it"  # ends what is said of a picture that cannot be shown
PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from autograder.intake.pictures import serve; serve()"


@dataclass(frozen=True)
class RawPicture:
    """A picture as the notebook has it: its name, and its bytes in base64; or why it was not taken."""

    name: str
    data: str = ""
    problem: str = ""


@dataclass(frozen=True)
class SafePicture:
    """A picture drawn anew; without `data` it could not be, and `problem` says why."""

    name: str  # the student's
    data: str = ""  # base64
    kind: str = "jpeg"  # or "png"
    problem: str = ""


def safe(pictures: Sequence[RawPicture]) -> tuple[SafePicture, ...]:
    """Return the pictures drawn anew, each with a problem instead where that cannot be done."""
    if not pictures:
        return ()
    package_root = str(Path(__file__).parents[2])
    try:
        run = subprocess.run(
            [sys.executable, "-I", "-B", "-X", "utf8", "-c", PROGRAM, package_root],
            input=json.dumps([vars(picture) for picture in pictures]).encode(),
            capture_output=True,
            timeout=WALL,
            env={},
            cwd="/",
            check=True,
        )
        return tuple(SafePicture(**values) for values in json.loads(run.stdout))
    except (subprocess.SubprocessError, ValueError, TypeError, OSError):
        problem = "it takes too much time or memory to open"
        return tuple(SafePicture(picture.name, problem=picture.problem or problem) for picture in pictures)


# --------------------------------------------------------------------------- the other process


def serve() -> None:
    """Draw the pictures on standard input anew, on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pictures = [RawPicture(**values) for values in json.load(sys.stdin)]
    sys.stdout.write(json.dumps([vars(redrawn(picture)) for picture in pictures]))


def redrawn(picture: RawPicture) -> SafePicture:
    """Return one picture drawn anew."""
    if picture.problem:
        return SafePicture(picture.name, problem=picture.problem)
    try:
        data = base64.b64decode(picture.data)
    except (binascii.Error, ValueError):
        return SafePicture(picture.name, problem="it is damaged")
    if data[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"):
        return SafePicture(picture.name, problem="it is in the format HEIC, which few programs show")
    try:
        kind, drawn = _encoded(_opened(data))
    except ImportError:
        return SafePicture(picture.name, problem="Pillow, which opens pictures, is not installed")
    except Exception:  # whatever a decoder makes of bytes
        return SafePicture(picture.name, problem="it cannot be opened: it is damaged, or no picture")
    return SafePicture(picture.name, base64.b64encode(drawn).decode(), kind)


def _opened(data: bytes) -> Any:
    """Return the first image in the bytes, upright, on white, no larger than SIDE."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = PIXELS // 2  # twice as many are an error
    image: Any = Image.open(io.BytesIO(data), formats=FORMATS)
    image.draft("RGB", (SIDE, SIDE))
    image = ImageOps.exif_transpose(image)
    image.thumbnail((SIDE, SIDE))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        image = white
    return image.convert("RGB")


def _encoded(image: Any) -> tuple[str, bytes]:
    """Return PNG where there are few colours, as in a drawing, else JPEG."""
    drawing = image.getcolors(256) is not None
    file = io.BytesIO()
    if drawing:
        image.save(file, "PNG", optimize=True)
    else:
        image.save(file, "JPEG", quality=80)
    return ("png" if drawing else "jpeg"), file.getvalue()
