"""What can be wrong with a call's turn. Each 409 carries the call as it stands, to go on from."""

from __future__ import annotations

from services.errors import TriageError


class CallExists(TriageError):
    """This call_id was used before with another body."""

    code = "call_id_reused"
    status = 409


class TurnSeqReused(TriageError):
    """This turn_seq was used before with another body."""

    code = "turn_seq_reused"
    status = 409


class TurnOutOfDate(TriageError):
    """The call has gone on since this turn; see `state`."""

    code = "turn_out_of_date"
    status = 409


class TurnSkipped(TriageError):
    """A turn before this one has not arrived: turn_seq goes up by one, from 1; see `state`."""

    code = "turn_skipped"
    status = 409


class CallEnded(TriageError):
    """The call has ended."""

    code = "call_ended"
    status = 409
