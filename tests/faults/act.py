"""What a fault is: an act that begins when it is entered, and is healed when it is left."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from faults.stage import Stage

Act = Callable[[Stage, random.Random], AbstractAsyncContextManager[str]]
"""Begins a fault, says whom it strikes, and heals it. What is drawn by the dice a seed repeats."""
