"""Connections: whom a caller is put through to, and what follows when nobody answers."""

from __future__ import annotations

from dataclasses import replace

from services.dialogue.asking import summary
from services.dialogue.moves import Move, came_to, fresh
from services.dialogue.settling import Settling
from services.dialogue.speaking import Directive
from services.dialogue.state import CallState, Outcome, Slot, Transfer
from services.dialogue.understanding import Heard
from services.dialogue.words import SHORT

TRIES = 2
"""An emergency is dialled so often; so is anyone while the caller still speaks to us."""


class Connecting(Settling):
    __slots__ = ()

    def emergency(self, state: CallState, agency: str, heard: Heard) -> Move:
        held = state.transfer
        if held is not None and held.target == "emergency":
            return self.waiting(state)
        matter = heard.matter or replace(
            state.matter,
            said=(*state.matter.said, *([heard.text] if heard.text else [])),
            urgency="emergency",
        )
        return self.connect(replace(state, matter=matter, emergency=True), "emergency", agency)

    def person(self, state: CallState, heard: Heard) -> Move:
        """A person is never refused; words beyond the wish are kept for whoever answers."""
        matter = heard.matter
        if matter is not None and len("".join(heard.text.split())) > SHORT:
            if matter.kind == "handoff" and matter.agency in self.open_lines:
                return self.connect_owner(replace(state, matter=matter))
            if matter.kind != "handoff":
                state = replace(state, matter=matter)
        return self.connect(state, "person")

    def put_through(self, state: CallState, why: str) -> Move:
        """To a person without being asked for one: the caller hears why."""
        move = self.connect(state, "person")
        return Move(move.state, (self.speaker(state).say(why), *move.directives[1:]))

    def foreign(self, state: CallState, heard: Heard) -> Move:
        """English is offered; other languages go to the interpreter. What was said is kept."""
        new = None if heard.small.about_language else heard.matter
        kept = replace(fresh(state), matter=new or state.matter)
        if heard.small.interpreter:
            return self.connect(replace(kept, language="en"), "interpreter")
        if state.slot == "language":
            return self.in_language(kept, "english")
        return self.asking(kept, "language")

    def in_language(self, state: CallState, value: str) -> Move:
        if value == "interpreter":
            return self.connect(state, "interpreter")
        chosen = replace(state, language="en" if value == "english" else "ko")
        if chosen.language == "en" and state.matter.usable:
            missing: tuple[Slot, ...] = () if state.matter.district else ("place",)
            return self.advance(replace(chosen, matter=replace(state.matter, missing=missing)))
        return self.asking(fresh(chosen), "matter")

    def not_connected(self, state: CallState) -> Move:
        """The caller wants no connection: take the matter down instead, if there is one."""
        held, state = state.transfer, replace(state, step="ask", transfer=None)
        if held is None or held.target == "emergency" or not state.matter.usable:
            return self.correct(state)
        return self.asking(state, "confirm", [self.speaker(state).confirm(state.matter)])

    def waiting(self, state: CallState) -> Move:
        """The caller still speaks to us: connect once more, then take it for no answer."""
        held = state.transfer
        if held is None:
            return self.asking(state, "matter")
        if held.tries >= TRIES:
            return self.transferred(state, "no_answer")
        return self._dialled_again(state, held, self.speaker(state).say("say_waiting"))

    def transferred(self, state: CallState, result: str) -> Move:
        """What came of a connection. One that failed files the matter by itself."""
        held = state.transfer
        if held is None:
            return Move(state)
        if result == "answered":
            return self._connected(state, held)
        said = self.speaker(state)
        if held.target == "emergency" and held.tries < TRIES:
            again = said.say("say_emergency_again", owner=held.agency)
            return self._dialled_again(state, held, again)
        state = replace(state, step="ask", transfer=None)
        if held.target == "emergency":
            urgent = Move(state, (said.say("say_emergency_failed", owner=held.agency),))
            if state.matter.usable:
                return urgent.then(self.file_quietly(state))
            return urgent.then(self.asking(state, "message"))
        if not state.matter.usable:
            failed = said.say("say_transfer_failed_empty", owner=held.agency)
            return self.asking(state, "message", [failed])
        failed = said.say("say_transfer_failed", owner=held.agency)
        return Move(state, (failed,)).then(self.file(state, incomplete=True))

    def _connected(self, state: CallState, held: Transfer) -> Move:
        outcome: Outcome = "staff" if held.target == "person" else "transferred"
        connected = (*state.connected, held.agency)
        state = replace(came_to(fresh(state), outcome), pending=())
        return Move(replace(state, step="connected", mode="transferred", connected=connected))

    def _dialled_again(self, state: CallState, held: Transfer, say: Directive) -> Move:
        again = replace(held, tries=held.tries + 1)
        dial = self.speaker(state).transfer(again, summary(state))
        return Move(replace(state, transfer=again), (say, dial))
