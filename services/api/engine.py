"""The one triage engine of an API process: loaded beside the event loop, shared by all routes."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import structlog

from models.engine import load as load_model
from models.prediction import Engine, Prediction, Vectors
from services.city import CityPack
from services.errors import Unavailable
from services.settings import Settings
from services.triage.triage import Complaint, Triage, Triaged

_log = structlog.get_logger()


class SharedEngine:
    """An engine that lets one thread in after the other."""

    def __init__(self, engine: Engine, turn: threading.Lock) -> None:
        self._engine = engine
        self._turn = turn
        self.version = engine.version
        self.dimensions = engine.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        with self._turn:
            return self._engine.embed(texts)

    def predict(
        self, texts: Sequence[str], channels: Sequence[str], vectors: Vectors
    ) -> list[Prediction]:
        with self._turn:
            return self._engine.predict(texts, channels, vectors)


class EngineHolder:
    """Loads the model in a thread (about half a second), then answers in about a millisecond.

    An engine serves one thread at a time; the holder lets one in after the other.
    """

    def __init__(self, settings: Settings, pack: CityPack) -> None:
        self._settings = settings
        self._pack = pack
        self._triage: Triage | None = None
        self._shared: SharedEngine | None = None
        self._done = threading.Event()
        self._started = False
        self._turn = threading.Lock()

    def start(self) -> None:
        """Begin to load; does not wait."""
        if not self._started:
            self._started = True
            threading.Thread(target=self._load, name="load engine", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Whether the engine can answer, waiting at most so long for it to be loaded."""
        self._done.wait(seconds)
        return self._triage is not None

    def triage(self, complaints: Sequence[Complaint]) -> list[Triaged] | None:
        """One decision for each complaint, in order; None while there is no engine."""
        held = self._triage
        if held is None:
            return None
        with self._turn:
            return held.triage(complaints)

    def shared(self, seconds: float = 5.0) -> Engine:
        """The bare engine, for searches; raises `Unavailable` while there is none."""
        self._done.wait(seconds)
        if self._shared is None:
            raise Unavailable("The model is not loaded yet. Please try again.")
        return self._shared

    def _load(self) -> None:
        try:
            model = load_model(self._settings.model, self._settings.embedder)
            self._shared = SharedEngine(model, self._turn)
            self._triage = Triage(self._pack, model)
        except Exception:  # without a model the rules still work, and /readyz still answers
            _log.exception("engine_not_loaded")
        finally:
            self._done.set()
