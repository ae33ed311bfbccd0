"""All threads of a daemon take memory from one place."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# Each thread allocates while the others do, so that glibc would give them places of their own.
_PROGRAM = """
import ctypes, threading
from pathlib import Path
from tracepost.serving.server import share_one_arena

libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
libc.fopen.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
libc.malloc_info.argtypes, libc.fclose.argtypes = [ctypes.c_int, ctypes.c_void_p], [ctypes.c_void_p]
if {shared}:
    share_one_arena()
together = threading.Barrier(4)

def allocate():
    together.wait()
    libc.malloc(1000)
    together.wait()

threads = [threading.Thread(target=allocate) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
file = libc.fopen({path!r}.encode(), b"w")
libc.malloc_info(0, file)
libc.fclose(file)
print(Path({path!r}).read_text().count("<heap nr="))
"""


def places(path: str, *, shared: bool) -> int:
    program = _PROGRAM.format(shared=shared, path=path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's")
def test_threads_of_a_daemon_share_one_arena(tmp_path: object) -> None:
    assert places(f"{tmp_path}/one", shared=True) == 1
    assert places(f"{tmp_path}/many", shared=False) > 1
