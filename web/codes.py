"""QR codes of short links: as SVG for print at any size, as PNG for programs that take pictures only."""

import io
from typing import Final

import segno

#: ISO 18004 asks for a quiet zone of four modules.
_QUIET: Final = 4
#: Pixels of a module in a PNG: a short address is then about 400 pixels wide.
_SCALE: Final = 12
#: Restores a quarter of the code: enough for a crease or a small stain.
_LEVEL: Final = "q"


def qr_svg(address: str) -> bytes:
    """A QR code of the address as SVG, black on white in any theme: scanners need the contrast."""
    return _drawn(address, "svg", xmldecl=False, svgclass=None, lineclass=None, omitsize=False)


def qr_png(address: str) -> bytes:
    """A QR code of the address as PNG, black on white."""
    return _drawn(address, "png")


def _drawn(address: str, kind: str, **options: object) -> bytes:
    into = io.BytesIO()
    code = segno.make_qr(address, error=_LEVEL)
    code.save(into, kind=kind, scale=_SCALE, border=_QUIET, dark="#000", light="#fff", **options)
    return into.getvalue()
