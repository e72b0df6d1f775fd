"""What staff read of why a complaint went where it went: the rule, the place, the words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from models.prediction import Prediction
from services.city.pack import CityPack
from services.triage.place import Place
from services.triage.policy import Reason
from services.triage.rules import Owner

NOTES: Mapping[str, str] = {
    "road_class_assumed": "길의 넓이를 말하지 않아 작은 길로 보았습니다.",
    "general_desk": "부서 업무표가 없어 기관의 총괄 창구로 보냅니다.",
}
EDGES = ".,!?;:~…'\"“”‘’()<>/·-_ㅋㅎㅠㅜ^"
PRIVATE = re.compile(r"[\d\[\]*@]")
"""Signs of a masked piece, a number, a handle: such words are not shown."""
SHORTEST = 2
"""Letters of a word that tells anything by itself."""


def grounds(
    pack: CityPack, text: str, prediction: Prediction, owner: Owner, place: Place
) -> tuple[Reason, ...]:
    """The grounds of a decision on `text`, which is masked."""
    service = pack.services[prediction.services[0][0]]
    found = [Reason("owner_rule", f"{service.name}: {owner.rule}")]
    if place.evidence:
        names = ", ".join(dict.fromkeys(map(_evidence, place.evidence)))
        found.append(Reason("place", f"장소 근거: {names}"))
    words = ", ".join(f"'{word}'" for word in dict.fromkeys(_words(text, prediction)))
    if words:
        found.append(Reason("words", f"가장 무겁게 본 말: {words}"))
    found += [Reason(code, NOTES[code]) for code in owner.codes if code in NOTES]
    return tuple(found)


def _evidence(item: str) -> str:
    kind, _, name = item.partition(":")
    return f"{name}(좌표)" if kind == "coordinates" else name


def _words(text: str, prediction: Prediction) -> Iterator[str]:
    """The heaviest words as the text writes them, without signs around them."""
    written = {word.lower(): word for word in text.split()}
    for word, _ in prediction.words:
        whole = written.get(word, "").partition("(")[0].strip(EDGES)
        if len(whole) >= SHORTEST and not PRIVATE.search(written[word]):
            yield whole
