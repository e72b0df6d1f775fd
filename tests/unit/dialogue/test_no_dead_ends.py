"""Every state that a call can reach has a way to an end, whatever happened before."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import replace

from services.city import CityPack
from services.dialogue.policy import PERSON_AT, Policy
from services.dialogue.state import CallState, Matter, from_json
from services.dialogue.turns import Dtmf, Event, Tap, TransferResult, TurnIn
from services.dialogue.understanding import Answer, Heard
from services.dialogue.words import Small

LAMP = Matter(
    said=("가로등이 나갔어요",),
    service="streetlight",
    kind="report",
    agency="bukgu",
    agency_name="북구청",
    confidence=0.9,
)
VAGUE = replace(LAMP, agency=None, agency_name=None, missing=("detail", "road", "place", "bus"))
URGENT = replace(LAMP, urgency="high", service="road-damage")
DOUBTED = replace(LAMP, emergency="fire-119", missing=("danger",))
HANDOFF = replace(LAMP, kind="handoff")
ABUSE = replace(LAMP, kind="abuse")
QUESTION = replace(LAMP, kind="inquiry")
HEARD = (
    Heard(text="가로등이 나갔어요", matter=LAMP),
    Heard(text="뭐가 고장 났어요", matter=VAGUE),
    Heard(text="위험해요", matter=URGENT),
    Heard(text="사람이요 빨리요", matter=DOUBTED),
    Heard(text="두 가지요", matter=LAMP, more_matters=(VAGUE,)),
    Heard(text="연결해 주세요", matter=HANDOFF),
    Heard(text="물어볼게요", matter=QUESTION, answer=Answer("a", "답입니다.", 0.9)),
    Heard(text="물어볼게요", matter=QUESTION),
    Heard(text="불났어요", matter=LAMP, emergency="fire-119"),
    Heard(text="욕", matter=ABUSE, small=Small(insult=True)),
    Heard(text="네", small=Small(yes=True)),
    Heard(text="네 급해요", matter=LAMP, small=Small(lead="yes", rest="급해요")),
    Heard(text="여보세요", small=Small(greeting=True)),
    Heard(text="누구세요", small=Small(who=True)),
    Heard(text="잠깐만요", small=Small(wait=True)),
    Heard(text="끊을게요", small=Small(bye=True)),
    Heard(text="감사합니다", small=Small(thanks=True)),
    Heard(text="됐어요", small=Small(declined=True)),
    Heard(text="녹음 싫어요", small=Small(refused=True)),
    Heard(text="민원 어떻게 됐어요", matter=LAMP, small=Small(status=True)),
    Heard(text="你好", small=Small(foreign=True, interpreter=True), matter=VAGUE),
    Heard(text="아니요", small=Small(no=True)),
    Heard(text="몰라요", matter=VAGUE, small=Small(unknown=True)),
    Heard(text="취소", matter=VAGUE, small=Small(cancel=True)),
    Heard(text="다시", small=Small(repeat=True)),
    Heard(text="상담원", small=Small(person=True)),
    Heard(text="Hello", small=Small(foreign=True), matter=VAGUE),
    Heard(text="아니 그게 아니라", small=Small(correction="")),
    Heard(clear=False, text="치직"),
)
KEYS = ("0", "1", "2", "3", "6", "9", "*")
MOST_STATES = 20_000


def turns(state: CallState) -> Iterator[tuple[TurnIn, Heard]]:
    events: tuple[Event, ...] = ("no_input", "no_match")
    yield from ((TurnIn(turn_seq=1, event=event), Heard()) for event in events)
    for heard in HEARD:
        speech = {"text": heard.text}
        yield TurnIn.model_validate({"turn_seq": 1, "event": "speech", "speech": speech}), heard
    for key in KEYS:
        yield TurnIn(turn_seq=1, event="dtmf", dtmf=Dtmf(digits=key)), Heard(matter=LAMP)
    for node in ("person", "yes", "no", "streetlight", "write", "english", "nothing"):
        tap = Tap(node_id=node, screen_rev=state.screen_rev)
        yield TurnIn(turn_seq=1, event="visual_tap", tap=tap), Heard(matter=LAMP)
    if state.step == "transfer":
        for result in ("answered", "busy"):
            told = TransferResult.model_validate({"agency": "?", "result": result})
            yield TurnIn(turn_seq=1, event="transfer_result", transfer=told), Heard()


def told_apart(state: CallState) -> Hashable:
    """What decides where a call can go; warnings and rounds only bring its end nearer."""
    matter, held = state.matter, state.transfer
    return (
        *(state.step, state.slot, state.language, bool(state.pending)),
        *(matter.usable, frozenset(matter.missing) - frozenset(state.asked)),
        *(state.no_matches, state.silences, (held.target, held.tries) if held else None),
    )


def test_every_state_has_a_way_to_an_end(pack: CityPack) -> None:
    policy = Policy(pack, frozenset({"bukgu"}))
    start = policy.greet(recording=True).state
    before: dict[Hashable, set[Hashable]] = {}
    known = {told_apart(start): start}
    queue, ends = deque([start]), set()
    while queue:
        state = queue.popleft()
        for turn, heard in turns(state):
            move = policy.decide(state, turn, heard)
            after = move.state
            key = told_apart(after)
            before.setdefault(key, set()).add(told_apart(state))
            if after.step in ("ended", "connected"):
                ends.add(key)
            elif turn.event != "transfer_result" or after.step == "ask":
                asks = [d for d in move.directives if d["type"] in ("ask", "transfer", "visual")]
                assert asks, (state, turn.event)
            if key not in known and after.step != "ended":
                known[key] = after
                queue.append(after)
                assert len(known) < MOST_STATES
    reaching, todo = set(ends), deque(ends)
    while todo:
        for earlier in before.get(todo.popleft(), ()):
            if earlier not in reaching:
                reaching.add(earlier)
                todo.append(earlier)
    stuck = [state for key, state in known.items() if key not in reaching]
    assert not stuck, stuck[:3]
    assert {state.slot for state in known.values() if state.step == "ask"} == {
        *("matter", "danger", "detail", "road", "place", "bus", "confirm"),
        *("helped", "more", "message", "language"),
    }


def test_silence_and_noise_end_every_call(pack: CityPack) -> None:
    """A caller who never again says a thing is not kept on the line."""
    policy = Policy(pack, frozenset({"bukgu"}))
    for heard in HEARD:
        speech = TurnIn.model_validate(
            {"turn_seq": 1, "event": "speech", "speech": {"text": heard.text}}
        )
        for event in ("no_input", "no_match"):
            state = policy.decide(policy.greet(recording=True).state, speech, heard).state
            for _ in range(4 * PERSON_AT):
                if state.step in ("ended", "connected"):
                    break
                quiet = TurnIn.model_validate({"turn_seq": 1, "event": event})
                state = policy.decide(state, quiet, Heard()).state
            told = (heard, event, state.step, state.slot)
            assert state.step in ("ended", "connected", "ask", "transfer"), told
            if event == "no_input":
                assert state.step in ("ended", "connected"), told


def test_a_state_survives_its_journey_through_json(pack: CityPack) -> None:
    policy = Policy(pack, frozenset({"bukgu"}))
    state = policy.greet(recording=True).state
    for heard in HEARD:
        speech = TurnIn.model_validate(
            {"turn_seq": 1, "event": "speech", "speech": {"text": heard.text}}
        )
        after = policy.decide(state, speech, heard).state
        again = from_json(json.loads(json.dumps(after.as_json())))
        assert replace(again, screen={}, spoken=()) == replace(after, screen={}, spoken=())
