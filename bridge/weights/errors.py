"""What can go wrong with open weights.

::

    WeightsError                 code, hint
    ├── ExtraMissing             the packages of the extra `open-weights` are not installed
    ├── NotAccepted              nobody accepted the terms
    ├── HubUnreachable           no network, no answer, or offline by setting
    ├── HubRefused               an account, or its owner's leave, is needed
    ├── NotOnHub                 no such repository, revision or file
    ├── PickleRefused            weights that could run code when they are read
    ├── HostileName              a file that wants to lie outside its folder
    ├── OtherModel               a folder of another model than the one that was named
    ├── Incomplete               a repository or folder without files that the model needs
    ├── WrongChecksum            what came is not what was said
    ├── NoRoom                   the disk has not enough room
    ├── NotPulled                that model is not here
    ├── Damaged                  files of a model are missing or changed
    ├── InUse                    another process pulls or removes it
    └── BuiltIn                  that model comes with the program
"""

from __future__ import annotations

from bridge.errors import BridgeError

INSTALL = 'python -m pip install "inlay[open-weights]"'


class WeightsError(BridgeError):
    """Those weights cannot be used."""

    code = "weights_error"


class ExtraMissing(WeightsError):
    """What pulls and runs open weights is not installed."""

    code = "extra_missing"
    hint = f"Install it: `{INSTALL}`."


class NotAccepted(WeightsError):
    """Its terms were not accepted, so nothing was pulled."""

    code = "licence_not_accepted"
    hint = "Read them, then run it again and answer y, or add --accept-licence."


class HubUnreachable(WeightsError):
    """The hub cannot be reached."""

    code = "hub_unreachable"
    hint = "Run it again when there is a network: it goes on where it stopped."


class HubRefused(WeightsError):
    """The hub does not hand those weights to everybody."""

    code = "hub_refused"


class NotOnHub(WeightsError):
    """The hub has no such repository, revision or file."""

    code = "not_on_hub"
    hint = "Check the address of the mirror, or update Inlay: its owner may have moved it."


class PickleRefused(WeightsError):
    """Those weights are pickles: reading one runs whatever code is in it."""

    code = "pickle_refused"
    hint = "Only safetensors are taken, which hold numbers and nothing else. Nothing was pulled."


class HostileName(WeightsError):
    """A file there has a name that leads out of its folder."""

    code = "hostile_name"
    hint = "Nothing was pulled. Do not trust this repository or mirror."


class OtherModel(WeightsError):
    """That folder or repository holds another model."""

    code = "other_model"


class Incomplete(WeightsError):
    """Files that the model needs are not there."""

    code = "incomplete_weights"


class WrongChecksum(WeightsError):
    """A file is not what the hub says it is."""

    code = "wrong_checksum"
    hint = "It was thrown away; run it again. If that happens twice, do not trust this repository or mirror."


class NoRoom(WeightsError):
    """There is not enough room on the disk."""

    code = "no_room"


class NotPulled(WeightsError):
    """That model is not on this machine."""

    code = "not_pulled"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not on this machine.", hint=f"`inlay models pull {name}` fetches it.")


class Damaged(WeightsError):
    """Files of that model are missing or changed."""

    code = "damaged_weights"


class InUse(WeightsError):
    """Another process works on that model."""

    code = "model_in_use"
    hint = "Wait until it is done, then run it again."


class BuiltIn(WeightsError):
    """That model comes with the program."""

    code = "built_in"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} comes with the program.", hint="There is nothing to pull, verify or remove.")
