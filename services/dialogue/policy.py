"""The dialogue policy: (state, what happened, what it means) -> (state, directives, effects).

Pure: no clock, no database, no chance. Every question has at most three tries; then comes a person,
and when no person can be had the matter is filed. So each call comes to an end. Read `_heard` from
top to bottom for what goes before what; `settling` and `connecting` hold what follows.
"""

from __future__ import annotations

from dataclasses import replace

from services.dialogue.asking import KEYS_AT
from services.dialogue.moves import Move, fresh
from services.dialogue.screening import SWITCH, Screening
from services.dialogue.state import CallState, Matter
from services.dialogue.turns import TurnIn
from services.dialogue.understanding import Heard

PERSON_AT = 3
SILENCES_TO_END = 3
END_AT_ABUSE = 2
SURE_ABUSE = "abuse"


class Policy(Screening):
    """The policy of one city."""

    __slots__ = ()

    def greet(self, recording: bool) -> Move:
        state = CallState()
        name = "greet" if recording else "greet_plain"
        return self.asking(state, "matter", [self.speaker(state).say(name)])

    def decide(self, state: CallState, turn: TurnIn, heard: Heard) -> Move:
        """What to do about one turn. A call that has ended stays ended."""
        if state.step == "ended":
            return Move(state)
        if turn.event == "hangup":
            return self.finish(state)
        if turn.event == "transfer_result" and turn.transfer is not None:
            return self.transferred(state, turn.transfer.result)
        if turn.event == "speech":
            return self._heard(replace(state, silences=0), heard)
        if turn.event == "dtmf" and turn.dtmf is not None:
            return self._keyed(replace(state, silences=0), turn.dtmf.digits, heard)
        if turn.event == "visual_tap" and turn.tap is not None:
            return self._tapped(replace(state, silences=0), turn, heard)
        if turn.event == "no_match":
            return self.not_understood(state)
        return self._silent(state)

    def _heard(self, state: CallState, heard: Heard) -> Move:
        small = heard.small
        if heard.emergency is not None:
            return self.emergency(state, heard.emergency, heard)
        if small.person:
            return self.person(state, heard)
        if small.refused:
            return self.put_through(state, "say_refused")
        if small.status and state.slot in ("matter", "more", "helped"):
            return self.put_through(replace(state, matter=heard.matter or Matter()), "say_status")
        if state.step == "transfer" and (small.no or small.correction is not None):
            return self.not_connected(state)
        if state.step == "transfer":
            return self.waiting(state)
        if small.repeat:
            return self.said_again(state)
        if small.insult:
            return self._abused(state, heard)
        if not heard.clear:
            return self.not_understood(state)
        if small.foreign and state.language == "ko":
            return self.foreign(state, heard)
        if small.key is not None:
            return self._keyed(state, small.key, heard)
        return self._small_talk(replace(state, step="ask"), heard)

    def _small_talk(self, state: CallState, heard: Heard) -> Move:
        """Words beside the matter: the question in hand is asked again after them."""
        small, said = heard.small, self.speaker(state)
        content = state.slot in ("more", "helped") and (small.thanks or small.declined)
        if small.bye or content:
            return self.goodbye(state)
        if small.who:
            return self.asking(state, state.slot, [said.say("say_who")])
        if small.wait:
            return self.asking(state, state.slot, [said.say("say_wait")])
        if small.greeting:
            return self.not_understood(state, "say_listening")
        return self._answered(state, heard)

    def _answered(self, state: CallState, heard: Heard) -> Move:
        """An answer to the question in hand, or a matter."""
        small, slot = heard.small, state.slot
        told = slot not in ("matter", "more", "helped")
        if slot == "language":
            return self._value(state, "english" if small.yes else "korean", heard)
        if small.correction is not None and told:
            if heard.matter is None:
                return self.correct(state)
            return self.opened(replace(state, asked=(), rounds=state.rounds + 1), heard)
        if told and (small.cancel or (slot == "confirm" and small.declined)):
            return self.dropped(state)
        if slot == "more" and (small.no or small.cancel):
            return self.goodbye(state)
        if slot == "more" and small.yes:
            return self.asking(fresh(state), "matter")
        if slot in ("confirm", "helped", "danger") and (small.yes or small.no):
            return self._value(state, "yes" if small.yes else "no", heard)
        if slot == "confirm" and small.lead == "yes":
            return self.file(replace(state, matter=heard.matter or state.matter), incomplete=False)
        if slot in ("road", "place", "bus") and small.unknown:
            return self._value(state, "unknown", heard)
        if slot == "road" and small.road:
            return self._value(state, small.road, heard)
        if heard.matter is None:
            return self.not_understood(state)
        if slot == "message":
            return self.file(replace(state, matter=heard.matter), incomplete=True)
        return self._filled(state, heard) if told else self.opened(state, heard)

    def _keyed(self, state: CallState, digits: str, heard: Heard) -> Move:
        key = digits.strip("#")
        if key.startswith("0"):
            return self.connect(state, "person")
        if state.step == "transfer":
            return self.waiting(state)
        if key.startswith("*"):
            return self.said_again(state)
        value = self.pack.dialogue.keys.get(state.slot, {}).get(key)
        return self.not_understood(state) if value is None else self._value(state, value, heard)

    def _tapped(self, state: CallState, turn: TurnIn, heard: Heard) -> Move:
        """A tap on an old screen does nothing but bring the current one."""
        if turn.tap is None or turn.tap.screen_rev != state.screen_rev:
            return Move(state, (self.shown(state),))
        if heard.emergency is not None:
            return self.emergency(state, heard.emergency, heard)
        node, form = self.meant(turn.tap.node_id), turn.tap.form
        if node == "person":
            return self.connect(state, "person")
        if node in SWITCH and state.slot != "language":
            return self.switched(replace(state, language=SWITCH[node]))
        if state.step == "transfer":
            return self.waiting(state)
        if node == "repeat":
            return self.said_again(state)
        if node in self.pack.dialogue.keys.get(state.slot, {}).values():
            return self._value(state, node, heard)
        if node == "message":
            return self.asking(state, "message")
        if form is not None and form.attachments:
            return self.photographed(state, [str(id) for id in form.attachments])
        if form is not None and form.text:
            return self._heard(state, heard)
        if heard.matter is None and heard.answer is None:
            return Move(state, (self.shown(state),))
        if form is None or node in self.pack.services:
            return self.opened(replace(state, step="ask"), heard)
        return self._answered(replace(state, step="ask"), heard)

    def _value(self, state: CallState, value: str, heard: Heard) -> Move:
        """What a key, a tap or a small answer stands for in the current question."""
        slot = state.slot
        state = replace(state, step="ask", no_matches=0)
        if slot == "language":
            return self.in_language(state, value)
        if slot == "confirm":
            return self.file(state, incomplete=False) if value == "yes" else self.correct(state)
        if slot == "more":
            more = value == "yes"
            return self.asking(fresh(state), "matter") if more else self.goodbye(state)
        if slot == "helped":
            return self.helped(state) if value == "yes" else self.not_helped(state)
        if slot == "danger":
            agency = state.matter.emergency
            if value == "yes" and agency is not None:
                return self.emergency(state, agency, Heard())
            return self.advance(state)
        if value == "message":
            return self.asking(state, "message")
        if value == "screen":
            return self.asking_on_screen(state)
        if value == "unknown":
            vain = replace(state, in_vain=(*state.in_vain, slot), asked=(*state.asked, slot))
            return self.advance(vain)
        return self._filled(state, heard)

    def _filled(self, state: CallState, heard: Heard) -> Move:
        """An answer that says nothing new was no answer."""
        missing = (heard.matter or state.matter).missing
        if state.slot in ("place", "road") and state.slot in missing:
            return self.not_understood(state)
        return self.filled(state, heard)

    def _abused(self, state: CallState, heard: Heard) -> Move:
        """Warn once, then end with the reason stated (Decree art. 4); what was said is filed."""
        matter = heard.matter or state.matter
        kept = replace(state, abuse=state.abuse + 1)
        if kept.abuse >= END_AT_ABUSE:
            kept = replace(kept, matter=matter) if matter.usable else kept
            return self.end(kept, "say_end_abuse", "abuse")
        warn = Move(kept, (self.speaker(state).say("say_warn"),))
        if matter.kind != SURE_ABUSE and heard.matter is not None:
            return warn.then(self._answered(replace(kept, step="ask"), heard))
        if state.slot in ("matter", "more") and matter.usable:
            kept = replace(kept, matter=matter)
        return warn.then(self.asking(kept, state.slot))

    def not_understood(self, state: CallState, why: str = "no_match") -> Move:
        if state.step == "transfer":
            return self.waiting(state)
        count = state.no_matches + 1
        state = replace(state, step="ask", no_matches=count)
        if count >= KEYS_AT and self._in_danger(state):
            return self._value(state, "yes", Heard())
        if count >= PERSON_AT:
            vain = replace(state, in_vain=(*state.in_vain, state.slot))
            return self.connect(vain, "person")
        return self.asking_again(state, why, count)

    def _silent(self, state: CallState) -> Move:
        if state.step == "transfer":
            return self.waiting(state)
        if state.step == "connected":
            return Move(state)
        count = state.silences + 1
        state = replace(state, silences=count)
        if count >= KEYS_AT and self._in_danger(state):
            return self._value(state, "yes", Heard())
        if count >= KEYS_AT and state.slot in ("more", "helped"):
            return self.goodbye(state)
        if count >= SILENCES_TO_END:
            vain = replace(state, in_vain=(*state.in_vain, state.slot))
            return self.end(vain, "say_end_silence", "silence")
        return self.asking_again(state, "silence", count)

    def _in_danger(self, state: CallState) -> bool:
        """Whoever cannot say that there is no danger is put through."""
        return state.slot == "danger" and state.matter.emergency is not None
