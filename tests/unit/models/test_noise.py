"""Noise that sounds like speech: the rules of pronunciation, and spaces that move."""

from __future__ import annotations

import random

import pytest

from models import noise
from models.complaints import Complaint
from models.noise import OPENERS, noisy, noisy_copies, opened


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("국민", "궁민"),
        ("먹어", "머거"),
        ("신라", "실라"),
        ("국밥", "국빱"),
        ("앞이", "앞이"),
        ("입학", "이팍"),
        ("112 abc", "112 abc"),
    ],
)
def test_every_sound_heard_follows_its_rule(
    monkeypatch: pytest.MonkeyPatch, written: str, heard: str
) -> None:
    monkeypatch.setattr(noise, "SOUND_HEARD", 1.0)
    monkeypatch.setattr(noise, "SPACE_LOST", 0.0)
    monkeypatch.setattr(noise, "SPACE_ADDED", 0.0)
    assert noisy(written, random.Random(0)) == heard


def test_the_same_dice_make_the_same_noise() -> None:
    text = "국민신문고에 올렸는데 답이 없어서 전화했습니다 " * 5
    assert noisy(text, random.Random(1)) == noisy(text, random.Random(1))
    assert noisy(text, random.Random(1)) != noisy(text, random.Random(2))


def test_copies_change_the_text_alone(rows: list[Complaint]) -> None:
    some = rows[:200]
    copies = noisy_copies(some)
    assert copies == noisy_copies(some)
    kept = [(r.id, r.channel, r.service, r.kind, r.urgency) for r in some]
    assert [(r.id, r.channel, r.service, r.kind, r.urgency) for r in copies] == kept
    changed = sum(a.text != b.text for a, b in zip(some, copies, strict=True))
    assert changed > 150


def test_some_copies_begin_as_people_begin(rows: list[Complaint]) -> None:
    dice = random.Random(0)
    spoken = [row for row in rows if row.channel == "voice"][:400]
    texts = [opened(row, dice) for row in spoken]
    longer = [(row, text) for row, text in zip(spoken, texts, strict=True) if text != row.text]
    assert 0.15 < len(longer) / len(spoken) < 0.35
    for row, text in longer:
        assert text.removesuffix(row.text).strip() in OPENERS["voice"]
    typed = next(row for row in rows if row.channel == "visual_ars")
    assert opened(typed, random.Random(1)) == typed.text
