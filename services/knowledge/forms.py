"""Whether words ask for something to know, or tell what happened.

The service and its article are the same for "how do I report a broken lamp" and "the lamp is
broken"; only the form tells them apart. Korean marks it by endings and question words, spoken and
regional ones among them; recognisers write no question mark.
"냄새가 나요" with its space tells, "되나요" asks.
"""

from __future__ import annotations

import re

_KOREAN = (
    "어떻게|어떡|어찌|어째|어디|어데|워디|무엇|뭐|뭘|뭣|무슨|누가|누구|언제|얼마|며칠|몇",
    r"\B나요|까요|[인는은]가|[을일]까|[당으]가|으까|되나|[하있]나$|죠$|지요",
    "방법|법$|번호|전화$|알려|가르쳐|궁금|싶|하려|려[면고는]|라면$|라믄|라는디",
)
_ENGLISH = r"\b(?:what|where|how|which|who|can|do i|should|is there|number|need)\b"
_ASKING = re.compile(f"{'|'.join(_KOREAN)}|{_ENGLISH}|[?？]", re.IGNORECASE)


def asks(text: str) -> bool:
    """True for "가로등 고장은 어디에 말해요", false for "가로등이 꺼졌어요"."""
    return _ASKING.search(text) is not None
