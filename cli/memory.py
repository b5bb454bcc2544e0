"""What a program that runs for months must tell the C library about memory."""

import ctypes
from typing import Final

#: ``M_MMAP_THRESHOLD`` of glibc's malloc.h.
_MMAP_THRESHOLD: Final = -3
_LARGE: Final = 512 * 1024


def give_large_blocks_back() -> None:
    """Have blocks above 512 KiB returned to the system as soon as they are free.

    glibc raises that size by itself with each large block that is freed, and from then on keeps such blocks
    for the thread that used them: sixty threads that have each read one large feed hold hundreds of
    megabytes. Elsewhere nothing is changed.
    """
    try:
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)
    except (AttributeError, OSError, TypeError):  # another C library, which has no such habit
        return
