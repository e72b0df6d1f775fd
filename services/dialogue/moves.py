"""What the policy gives back: the state after a turn, what the ARS is told, what is to be kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.dialogue.speaking import Directive
from services.dialogue.state import CallState, Matter, Outcome


@dataclass(frozen=True, slots=True)
class FileCase:
    """File this matter now; `incomplete` says that the caller did not confirm it."""

    matter: Matter
    incomplete: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that the knowledge base could not answer."""

    question: str


Effect = FileCase | Gap


@dataclass(frozen=True, slots=True)
class Move:
    state: CallState
    directives: tuple[Directive, ...] = ()
    effects: tuple[Effect, ...] = ()

    def then(self, other: Move) -> Move:
        """This move and what follows from its state."""
        return Move(
            other.state,
            (*self.directives, *other.directives),
            (*self.effects, *other.effects),
        )


def fresh(state: CallState) -> CallState:
    """The call with no matter in hand."""
    return replace(
        state,
        step="ask",
        matter=Matter(),
        asked=(),
        rounds=0,
        no_matches=0,
        transfer=None,
    )


def came_to(state: CallState, outcome: Outcome) -> CallState:
    return replace(state, outcomes=tuple(dict.fromkeys((*state.outcomes, outcome))))
