"""What only a screen can do in a call: choose on the menu, switch language, send photographs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.city.dialogue import Language
from services.dialogue.connecting import Connecting
from services.dialogue.moves import Move
from services.dialogue.state import CallState
from services.intake.payload import MAX_UPLOADS

SWITCH: Mapping[str, Language] = {"english": "en", "korean": "ko"}
ACTIONS = {"connect": "person", "write": "message"}
"""Leaves of the menu that lead to no service and no article."""


class Screening(Connecting):
    __slots__ = ()

    def meant(self, node: str) -> str:
        """What a tap on a node stands for: a service, a person, a message, or itself."""
        leaf = self.pack.menus.current.nodes.get(node)
        if leaf is None or leaf.action is None:
            return self.pack.menus.current_service(node, self.pack.services) or node
        return ACTIONS.get(leaf.action, node)

    def switched(self, state: CallState) -> Move:
        """The open question once more in the language that was just chosen."""
        if state.step == "ask":
            asked = state.slot == "confirm"
            read_back = [self.speaker(state).confirm(state.matter)] if asked else []
            return self.asking(state, state.slot, read_back)
        state = self.screened(state, {**state.screen, "rev": state.screen_rev + 1})
        return Move(state, (self.shown(state),))

    def photographed(self, state: CallState, photos: Sequence[str]) -> Move:
        """Keep photographs with the matter in hand; the question stays as it is."""
        if not state.matter.usable:
            return Move(state, (self.shown(state),))
        kept = tuple(dict.fromkeys((*state.matter.photos, *photos)))[:MAX_UPLOADS]
        matter = replace(state.matter, photos=kept)
        screen = {**state.screen, "photos": len(kept), "rev": state.screen_rev + 1}
        state = self.screened(replace(state, matter=matter), screen)
        return Move(state, (self.shown(state),))
