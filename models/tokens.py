"""The tokenizer: a unigram vocabulary of Korean word pieces, learned here.

Nothing is lost: every syllable seen has its own piece, and any other character falls back to its
UTF-8 bytes. Digits and punctuation always stand alone, so that "112" and "11시" share no piece.
The trainer's search is not the same twice: rare pieces differ from one training to the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

UNKNOWN = "<unk>"
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))


def learn(texts: Iterable[str], size: int, progress: bool = False) -> Tokenizer:
    """Learn a vocabulary of about `size` pieces, bytes included, from `texts`."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"(?<=([ㅋㅎㅠㅜ.!?~])\1)\1+"), ""),
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"\s+"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="always"),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.Punctuation(),
        ]
    )
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="always"), decoders.Fuse()]
    )
    trainer = trainers.UnigramTrainer(
        vocab_size=size - len(BYTES),
        special_tokens=[UNKNOWN],
        unk_token=UNKNOWN,
        max_piece_length=6,
        show_progress=progress,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return _with_bytes(tokenizer)


def _with_bytes(tokenizer: Tokenizer) -> Tokenizer:
    """Add the 256 byte pieces, less likely than any learned piece, and switch the fallback on."""
    learned = [tuple(entry) for entry in json.loads(tokenizer.to_str())["model"]["vocab"]]
    rare = min(score for _, score in learned) - 10.0
    vocabulary = learned + [(byte, rare) for byte in BYTES]
    unknown = next(i for i, (piece, _) in enumerate(vocabulary) if piece == UNKNOWN)
    tokenizer.model = models.Unigram(vocabulary, unk_id=unknown, byte_fallback=True)
    return tokenizer
