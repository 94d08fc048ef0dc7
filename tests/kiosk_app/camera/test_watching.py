"""Which pictures are looked at, and what a miss is given."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from kiosk_app.camera.attention import AWAKE_NS, FORCED_LOOK_NS, Attention, has_moved, shrunk
from kiosk_app.camera.decoders import Decoder
from kiosk_app.camera.pixels import Pixels
from kiosk_app.camera.symbols import Symbol
from kiosk_app.camera.watching import SLOW_FIRST_LOOK_NS, Look, Watcher
from tests.kiosk_app.camera.made import on_canvas, qr_picture

FRAME_NS = 66_000_000
EMPTY = np.full((720, 1280), 110, dtype=np.uint8)
UNREADABLE = on_canvas(qr_picture("V1:" + "AB12C" * 30, module_px=6, quiet=0), height=720, width=1280, grey=50)


def noisy(seed: int) -> Pixels:
    """The empty lobby as a sensor sees it at dusk."""
    noise = np.random.default_rng(seed).normal(0, 12, EMPTY.shape)
    return np.asarray((EMPTY + noise).clip(0, 255), dtype=np.uint8)


@dataclass
class CountingDecoder(Decoder):
    """The real decoder, which notes what it was asked."""

    firsts: int = 0
    seconds: list[int] = field(default_factory=list)
    reads_in_turn: int | None = None
    clock_ns: int = 0
    first_takes_ns: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def now_ns(self) -> int:
        return self.clock_ns

    def read_first(self, grey: Pixels) -> tuple[Symbol, ...]:
        self.firsts += 1
        self.clock_ns += self.first_takes_ns
        return super().read_first(grey)

    def rescue(self, _grey: Pixels, _region: object, number: int) -> tuple[Symbol, ...]:
        self.seconds.append(number)
        return (Symbol("rescued", (), "zxing"),) if number == self.reads_in_turn else ()


@pytest.fixture
def decoder() -> CountingDecoder:
    return CountingDecoder()


@pytest.fixture
def watcher(decoder: CountingDecoder) -> Watcher:
    return Watcher(decoder, decoder.now_ns)


def test_an_empty_lobby_is_looked_at_once_a_second(decoder: CountingDecoder, watcher: Watcher) -> None:
    """Once the first stir is over, noise wakes nobody, and a look a second is taken all the same."""
    for number in range(150):
        watcher.look(noisy(number), number * FRAME_NS)
    awake = AWAKE_NS // FRAME_NS + 1
    calm_s = (150 - awake) * FRAME_NS / FORCED_LOOK_NS
    assert awake + calm_s - 2 <= decoder.firsts <= awake + calm_s + 1
    assert decoder.seconds == []


def test_a_code_that_comes_is_looked_at_in_its_first_picture(watcher: Watcher) -> None:
    """The gate opens for the picture that moved, not for the one after it."""
    for number in range(40):
        watcher.look(EMPTY, number * FRAME_NS)
    assert watcher.look(EMPTY, 40 * FRAME_NS) == Look()
    held_up = on_canvas(qr_picture("V1:HELLO", module_px=4), height=720, width=1280, grey=110)
    look = watcher.look(held_up, 41 * FRAME_NS)
    assert [symbol.text for symbol in look.symbols] == ["V1:HELLO"]
    assert look.was_taken


def test_a_code_in_sight_is_looked_at_again_and_again(decoder: CountingDecoder, watcher: Watcher) -> None:
    """A phone that does not move at all stays in sight, so that the gate does not take it for another visitor."""
    held_up = on_canvas(qr_picture("V1:HELLO", module_px=4), height=720, width=1280, grey=110)
    for number in range(100):
        assert watcher.look(held_up, number * FRAME_NS).symbols
    assert decoder.firsts == 100


def test_each_miss_gets_one_rescue_the_next_in_turn(decoder: CountingDecoder, watcher: Watcher) -> None:
    """No picture costs two second looks, and within a few pictures each was tried."""
    for number in range(8):
        look = watcher.look(UNREADABLE, number * FRAME_NS)
        assert look.region is not None
        assert look.symbols == ()
    assert decoder.seconds == list(range(8))


def test_a_rescue_that_helped_is_asked_again(decoder: CountingDecoder, watcher: Watcher) -> None:
    """What read the code reads it in the next picture too."""
    decoder.reads_in_turn = 2
    looks = [watcher.look(UNREADABLE, number * FRAME_NS) for number in range(6)]
    assert decoder.seconds == [0, 1, 2, 2, 2, 2]
    assert [bool(look.symbols) for look in looks] == [False, False, True, True, True, True]
    assert looks[-1].region is None


def test_a_picture_that_costs_much_gets_no_second_look(decoder: CountingDecoder, watcher: Watcher) -> None:
    """A frame made to keep the reader busy is not made more expensive by ourselves."""
    decoder.first_takes_ns = SLOW_FIRST_LOOK_NS + 1
    look = watcher.look(UNREADABLE, 0)
    assert decoder.firsts == 1
    assert decoder.seconds == []
    assert look == Look(was_taken=True)


def test_a_picture_that_no_lens_draws_is_not_read(decoder: CountingDecoder, watcher: Watcher) -> None:
    """A checkerboard of single pixels would keep a reader busy; a code that fills the picture is looked at."""
    rows, columns = np.indices((720, 1280))
    watcher.look(np.asarray((rows + columns) % 2 * 255, dtype=np.uint8), 0)
    assert decoder.firsts == 0
    (symbol,) = watcher.look(qr_picture("V1:" + "A" * 2000, module_px=4), FRAME_NS).symbols
    assert len(symbol.text) == 2003


def test_without_movement_a_miss_is_left_at_that(decoder: CountingDecoder, watcher: Watcher) -> None:
    """A poster with a code that nobody can read costs a look a second, and no rescue."""
    for number in range(100):
        watcher.look(UNREADABLE, number * FRAME_NS)
    seconds = len(decoder.seconds)
    for number in range(100, 200):
        watcher.look(UNREADABLE, number * FRAME_NS)
    assert len(decoder.seconds) == seconds


def test_what_is_no_picture_is_not_looked_at(decoder: CountingDecoder, watcher: Watcher) -> None:
    """A source that hands out rubbish wakes nobody."""
    assert watcher.look(np.zeros((0, 0), dtype=np.uint8), 0) == Look()
    assert decoder.firsts == 0


def test_another_size_is_movement() -> None:
    """A camera that came back with other pictures is looked at."""
    attention = Attention()
    assert attention.wants(shrunk(EMPTY), 0)
    for number in range(1, 40):
        attention.wants(shrunk(EMPTY), number * FRAME_NS)
    assert not attention.wants(shrunk(EMPTY), 40 * FRAME_NS)
    assert attention.wants(shrunk(EMPTY[:480, :640]), 41 * FRAME_NS)


def test_a_small_thing_moves_and_a_flicker_does_not() -> None:
    """A hand of 40 x 40 px is movement; lamps that change the whole picture by five grey steps are none."""
    hand = EMPTY.copy()
    hand[300:340, 600:640] = 200
    assert has_moved(shrunk(EMPTY), shrunk(hand))
    assert not has_moved(shrunk(EMPTY), shrunk(EMPTY + np.uint8(5)))
