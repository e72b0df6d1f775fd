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
    "road_class_assumed": "도로 폭을 알 수 없어 이면도로로 보았습니다.",
    "general_desk": "부서 업무분장 자료가 없어 해당 기관 총괄 창구로 배부합니다.",
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
        found.append(Reason("place", f"위치 근거: {names}"))
    words = ", ".join(f"'{word}'" for word in dict.fromkeys(_words(text, prediction)))
    if words:
        found.append(Reason("words", f"주요 판단 근거어: {words}"))
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
