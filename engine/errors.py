"""What can go wrong in the engine.

::

    EngineError                  code, hint
    ├── BadRequest               the request cannot be run as it is
    │   ├── EmptySelection       the mask selects no pixel
    │   ├── NothingToCopyFrom    the mask leaves no known pixel to continue
    │   ├── SubjectNotFound      no subject to tell from the background
    │   ├── UnknownOperation     no operation of that name
    │   └── UnknownPrompt        words that nothing here can draw
    ├── Cancelled                somebody asked to stop
    ├── OutOfMemory              the device has no room for this edit
    ├── BrokenWeights            a model's file cannot be used
    ├── MissingExtra             packages that a model needs are not installed
    ├── WorkerCrashed            the process that owns the device died; it restarts
    └── OperationFailed          anything else: a bug, told without its traceback

Every error has a ``code`` (stable, for machines), a text that says what happened and a ``hint`` that says what
to do next.
"""

from __future__ import annotations


class EngineError(Exception):
    """Base of all errors of the engine.

    Attributes:
        code: stable name for machines.
        hint: what the person can do next.
    """

    code = "engine_error"
    hint = "Try again; if it happens again, run `inlay doctor`."

    def __init__(self, message: str = "", *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message or type(self).__doc__ or self.code
        if hint is not None:
            self.hint = hint

    def __str__(self) -> str:
        return self.message


class BadRequest(EngineError):
    """The request cannot be run as it is."""

    code = "bad_request"
    hint = "Check the selection and the words, then try again."


class EmptySelection(BadRequest):
    """The selection is empty."""

    code = "empty_selection"
    hint = "Select the thing to change, then try again."


class NothingToCopyFrom(BadRequest):
    """The selection leaves nothing of the layer to continue from."""

    code = "nothing_to_copy_from"
    hint = "Make the selection smaller, so that some of the layer stays visible around it."


class SubjectNotFound(BadRequest):
    """Nothing stands out from the background."""

    code = "subject_not_found"
    hint = "Draw a box round the subject or a few strokes on it, then try again."


class UnknownOperation(BadRequest):
    """No operation of that name."""

    code = "unknown_operation"


class UnknownPrompt(BadRequest):
    """Words that Inlay cannot draw."""

    code = "unknown_prompt"
    hint = "Say it with other words."


class Cancelled(EngineError):
    """The edit was cancelled."""

    code = "cancelled"
    hint = "Nothing was changed."


class OutOfMemory(EngineError):
    """The device has not enough memory for this edit."""

    code = "out_of_memory"
    hint = "Make the selection smaller or close other programs that use the device, then try again."


class BrokenWeights(EngineError):
    """A model's weights are missing or damaged."""

    code = "broken_weights"
    hint = "Install Inlay again; its files are not whole."


class MissingExtra(EngineError):
    """That model needs packages that are not installed."""

    code = "missing_extra"
    hint = "Install them, `python -m pip install 'inlay[open-weights]'`, and start Inlay again."


class WorkerCrashed(EngineError):
    """The engine's process stopped unexpectedly; it has been restarted."""

    code = "worker_crashed"
    hint = "Try the edit again; nothing of the layer was changed."


class OperationFailed(EngineError):
    """The edit could not be finished."""

    code = "operation_failed"


def error_from_code(code: str, message: str, hint: str | None = None) -> EngineError:
    """The error of that code, as it crossed from the worker; `OperationFailed` for a code not known here."""
    known: dict[str, type[EngineError]] = {
        kind.code: kind
        for kind in (
            BadRequest,
            EmptySelection,
            NothingToCopyFrom,
            SubjectNotFound,
            UnknownOperation,
            UnknownPrompt,
            Cancelled,
            OutOfMemory,
            BrokenWeights,
            MissingExtra,
        )
    }
    return known.get(code, OperationFailed)(message, hint=hint)
