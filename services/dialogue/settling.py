"""From a matter that was told to its end: answered, completed, confirmed, connected or filed."""

from __future__ import annotations

from dataclasses import replace

from services.dialogue.asking import Asking
from services.dialogue.moves import FileCase, Gap, Move, came_to, fresh
from services.dialogue.speaking import RECEIPT, RECEIPT_SPOKEN
from services.dialogue.state import CallState, Matter
from services.dialogue.understanding import Heard

ROUNDS = 3
"""So often a matter is read back; then it is filed as it stands, or goes to a person."""


class Settling(Asking):
    __slots__ = ()

    def opened(self, state: CallState, heard: Heard) -> Move:
        """A matter is told: answer it, connect it, or find out what its owner needs."""
        matter = heard.matter or Matter(said=(heard.text,) if heard.text else ())
        state = replace(fresh(state), matter=matter, pending=(*state.pending, *heard.more_matters))
        if heard.answer is not None:
            return self._told(state, heard.answer.text)
        if matter.kind == "handoff":
            return self.connect_owner(state)
        if matter.kind != "inquiry":
            return self.advance(state)
        gaps = () if heard.degraded else (Gap(matter.text),)
        known = not {"place", "road"} & set(matter.missing)
        sorry = (self.speaker(state).say("say_no_answer"),) if known else ()
        return Move(state, sorry, gaps).then(self.advance(state))

    def filled(self, state: CallState, heard: Heard) -> Move:
        """An answer to a question about the matter."""
        state = replace(state, matter=heard.matter or state.matter, no_matches=0)
        state = replace(state, pending=(*state.pending, *heard.more_matters))
        return self._told(state, heard.answer.text) if heard.answer else self.advance(state)

    def advance(self, state: CallState) -> Move:
        """The next thing that the matter needs: a slot, a connection, or a yes."""
        matter, script = state.matter, self.pack.dialogue
        for slot in matter.missing:
            if slot not in state.asked:
                asked = replace(state, asked=(*state.asked, slot), no_matches=0)
                return self.asking(asked, slot)
        urgent = matter.urgency in script.connect_urgency
        urgent = urgent and matter.service in script.connect_services
        if urgent and matter.kind != "inquiry" and matter.agency in self.open_lines:
            return self.connect_owner(state)
        if state.rounds >= ROUNDS:
            return self.file(state, incomplete=True)
        state = replace(state, rounds=state.rounds + 1)
        return self.asking(state, "confirm", [self.speaker(state).confirm(matter)])

    def correct(self, state: CallState) -> Move:
        """It was something else; after several rounds a person."""
        if state.rounds >= ROUNDS:
            return self.connect(state, "person")
        kept = replace(fresh(state), rounds=state.rounds, pending=state.pending)
        return self.asking(kept, "matter", prompt="ask_matter_again")

    def dropped(self, state: CallState) -> Move:
        """The caller wants nothing done about the matter in hand."""
        return self._next(fresh(state))

    def helped(self, state: CallState) -> Move:
        return self._next(fresh(state))

    def not_helped(self, state: CallState) -> Move:
        """An answer that was none: the owner is asked instead, and the question is a gap."""
        outcomes = tuple(one for one in state.outcomes if one != "answered")
        state = replace(state, outcomes=outcomes, mode="undecided")
        sorry = self.speaker(state).say("say_not_helped")
        return Move(state, (sorry,), (Gap(state.matter.text),)).then(self.advance(state))

    def connect_owner(self, state: CallState) -> Move:
        matter = state.matter
        if matter.agency in self.open_lines:
            return self.connect(state, "agency", matter.agency)
        return self.connect(state, "person")

    def file(self, state: CallState, *, incomplete: bool) -> Move:
        """File the matter, read out its number, go on to the next one or ask for more."""
        filed = self._filed(state, incomplete=incomplete)
        return filed.then(self._next(filed.state))

    def file_quietly(self, state: CallState) -> Move:
        """File what a line that failed left open: the number by message, not read out."""
        filed = self._filed(state, incomplete=True)
        sms = tuple(one for one in filed.directives if one["type"] == "sms")
        return Move(filed.state, sms, filed.effects).then(self._next(filed.state))

    def goodbye(self, state: CallState) -> Move:
        """The caller goes; what was told and not settled is filed first."""
        if not unsettled(state):
            return self.end(state, "say_goodbye", "completed")
        filed = self._filed(state, incomplete=True)
        return filed.then(self.end(filed.state, "say_goodbye", "completed"))

    def end(self, state: CallState, text: str, reason: str) -> Move:
        said = self.speaker(state)
        say = said.say(text)
        shown = self.screened(state, said.note("ended", say["text"], state.screen_rev + 1))
        bye = Move(shown, (say, self.shown(shown), {"type": "hangup", "reason": reason}))
        return bye.then(self.finish(shown))

    def finish(self, state: CallState) -> Move:
        """The line is gone: what was said and not settled is filed, marked as incomplete."""
        if state.step == "ended":
            return Move(state)
        matters = (state.matter, *state.pending) if unsettled(state) else state.pending
        filed = tuple(FileCase(matter, incomplete=True) for matter in matters if matter.usable)
        ended = replace(state, step="ended", matter=Matter(), pending=(), transfer=None)
        return Move(came_to(ended, "reported") if filed else ended, (), filed)

    def _told(self, state: CallState, answer: str) -> Move:
        told = replace(came_to(state, "answered"), mode="answered", asked=(), rounds=0)
        asked = self.asking(told, "helped", [{"type": "say", "text": answer}])
        screen = {**asked.state.screen, "answer": answer, "rev": told.screen_rev + 1}
        shown = self.screened(asked.state, screen)
        return Move(shown, (*asked.directives, self.shown(shown)))

    def _filed(self, state: CallState, *, incomplete: bool) -> Move:
        said = self.speaker(state)
        effect = FileCase(state.matter, incomplete)
        number = said.say("say_reported", receipt=RECEIPT_SPOKEN)
        sms = said.sms("sms_receipt", receipt=RECEIPT)
        state = replace(came_to(fresh(state), "reported"), mode="reported")
        return Move(state, (number, sms), (effect,))

    def _next(self, state: CallState) -> Move:
        if not state.pending:
            return self.asking(state, "more")
        said = self.speaker(state)
        following = replace(state, matter=state.pending[0], pending=state.pending[1:])
        move = Move(following, (said.say("say_next_matter"),))
        return move.then(self.advance(following))


def unsettled(state: CallState) -> bool:
    """Whether a matter is in hand that nothing has been done about; an answered one has."""
    answered = state.step == "ask" and state.slot == "helped"
    return state.matter.usable and not answered
