"""``python -m tests.chaos.run``: ROUNDS of a SEED from FIRST on; ON is ``city`` (engines run) or ``platform``."""

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.rounds import Play
from tests.chaos.stages import city_stage, platform_stage
from tests.support.clerks import NotHeld


def main() -> None:
    """Play, and end with 1 where something does not hold."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended, what was made is removed
    seed = os.environ.get("SEED") or str(random.randrange(1 << 32))
    first, count = int(os.environ.get("FIRST", "1")), int(os.environ.get("ROUNDS", "30"))
    on = os.environ.get("ON", "city")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="liuhen-chaos-") as folder:
        stage_on = city_stage if on == "city" else platform_stage
        with stage_on(Path(folder)) as stage:
            play = Play(stage, seed, say=_say)
            try:
                play.rounds(first, count)
            except NotHeld as broken:
                _say(f"{broken}\n不成立。重放：make chaos ON={on} SEED={seed} FIRST={first} ROUNDS={count}\n")
                raise SystemExit(1) from broken
    promised = len(play.clerks.promises)
    _say(f"{count} 轮，{promised} 个已答复的命令，{play.history.events} 个事件，一切成立，")
    _say(f"{time.monotonic() - began:.0f} 秒（种子 {seed}）\n")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
