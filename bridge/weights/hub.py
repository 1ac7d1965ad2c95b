"""The hub, through huggingface_hub: what a repository holds, and one file of it from where it was broken off.

The only file that knows that library, which is imported when it is first needed. Its own download functions throw a
broken-off file away (2.4 does); so files are streamed by its `http_get`, which goes on at a given byte, and lie in our
own folder meanwhile. What is lost when a connection breaks is what the library holds, at most 10 MB. The account's
token goes to the hub alone, never to a mirror.
"""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from bridge.weights.errors import ExtraMissing, HubRefused, HubUnreachable, Incomplete, NoRoom, NotOnHub

HUB = "https://huggingface.co"
# For an answer to begin; a body may take as long as it comes.
_ANSWER_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Remote:
    """A file of a repository.

    Attributes:
        path: with slashes. size: in bytes.
        sha256: of large files (LFS); None: ``git_id`` is known instead.
        git_id: git's id of its content.
    """

    path: str
    size: int
    sha256: str | None
    git_id: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a repository holds at a commit."""

    repo: str
    commit: str
    files: tuple[Remote, ...]


class _Lfs(Protocol):
    sha256: str


class _Sibling(Protocol):
    rfilename: str
    size: int | None
    blob_id: str | None
    lfs: _Lfs | None


class _Info(Protocol):
    sha: str | None
    siblings: list[_Sibling] | None


class _Api(Protocol):
    def model_info(
        self, repo_id: str, *, revision: str | None, timeout: float, files_metadata: bool, token: bool | None
    ) -> _Info: ...


class _Get(Protocol):
    def __call__(
        self, url: str, temp_file: io.RawIOBase, *, resume_size: int, headers: dict[str, str], expected_size: int
    ) -> None: ...


class Hub:
    """A hub or its mirror.

    Args:
        mirror: its address, like ``https://hub.studio.example``; None: the hub itself.
        offline: nothing is asked of anybody.
    """

    def __init__(self, mirror: str | None = None, *, offline: bool = False) -> None:
        self.address = (mirror or HUB).rstrip("/")
        self._is_mirror = mirror is not None
        self._offline = offline

    def list(self, repo: str, revision: str | None) -> Listing:
        """What a repository holds.

        Raises:
            ExtraMissing, HubUnreachable, HubRefused, NotOnHub: as they say.
            Incomplete: the hub does not say what a file's size or content is.
        """
        with self._asking(repo):
            from huggingface_hub import HfApi  # noqa: PLC0415 -- of the extra

            api = cast(_Api, HfApi(endpoint=self.address, token=self._token))
            info = api.model_info(
                repo, revision=revision, timeout=_ANSWER_TIMEOUT_S, files_metadata=True, token=self._token
            )
        if info.sha is None:
            raise NotOnHub(f"{self.address} does not say which commit of {repo} it has.")
        return Listing(repo, info.sha, tuple(_remote(one, repo) for one in info.siblings or ()))

    def fetch(self, listing: Listing, remote: Remote, part: Path, advance: Callable[[int], None]) -> None:
        """Get what is missing of a file.

        Args:
            part: where it is put; what it holds already is not fetched again.
            advance: told how many bytes came (negative: came in vain).

        Raises:
            ExtraMissing, HubUnreachable, HubRefused, NotOnHub, NoRoom: as they say; what came is kept in ``part``.
        """
        with self._asking(listing.repo):
            from huggingface_hub import hf_hub_url  # noqa: PLC0415 -- of the extra
            from huggingface_hub.file_download import (  # noqa: PLC0415
                http_get,  # pyright: ignore[reportUnknownVariableType]
            )
            from huggingface_hub.utils import (  # noqa: PLC0415
                build_hf_headers,  # pyright: ignore[reportUnknownVariableType]
                disable_progress_bars,
                logging,
            )

            disable_progress_bars()
            logging.set_verbosity_error()
            url = hf_hub_url(listing.repo, remote.path, revision=listing.commit, endpoint=self.address)
            headers = {**build_hf_headers(token=self._token), "Accept-Encoding": "identity"}
            with _Counted(part, advance) as file:
                here = file.seek(0, io.SEEK_END)
                cast(_Get, http_get)(url, file, resume_size=here, headers=headers, expected_size=remote.size)

    @property
    def _token(self) -> bool | None:
        """The account's for the hub itself (None: if there is one); none for anybody else."""
        return False if self._is_mirror else None

    @contextmanager
    def _asking(self, repo: str) -> Generator[None]:
        """Errors of the library and of the network as our own."""
        if self._offline:
            raise HubUnreachable(
                "Inlay is set to be offline.",
                hint="Unset INLAY_MODELS_OFFLINE, or give a folder of weights with --from.",
            )
        try:
            from huggingface_hub import errors  # noqa: PLC0415
        except ImportError:
            raise ExtraMissing from None
        try:
            yield
        except errors.GatedRepoError:
            raise HubRefused(
                f"The owner of {repo} wants to be asked first.",
                hint=f"Open {HUB}/{repo}, accept its terms with your account, run `hf auth login`, then pull again. "
                "A mirror is never given the account's token.",
            ) from None
        except errors.RevisionNotFoundError:
            raise NotOnHub(f"{self.address} does not have that revision of {repo}.") from None
        except errors.EntryNotFoundError:
            raise NotOnHub(f"{self.address} does not have a file that it listed for {repo}.") from None
        except errors.RepositoryNotFoundError:
            raise NotOnHub(f"{self.address} has no repository {repo}, or does not show it.") from None
        except errors.OfflineModeIsEnabled:
            raise HubUnreachable(
                "huggingface_hub is set to be offline.",
                hint="Unset HF_HUB_OFFLINE, or give a folder of weights with --from.",
            ) from None
        except errors.HfHubHTTPError as error:
            status: object = getattr(error.response, "status_code", None)
            if status in (401, 403):
                raise HubRefused(
                    f"{self.address} does not give {repo} to you ({status}).",
                    hint="Run `hf auth login` with an account that may have it, then pull again.",
                ) from None
            raise HubUnreachable(f"{self.address} answered {status} for {repo}.") from None
        except _transport_errors() as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise NoRoom("The disk is full.", hint="Make room, then run it again: it goes on there.") from None
            raise HubUnreachable(f"{self.address} cannot be reached, or broke off ({type(error).__name__}).") from None


class _Counted(io.FileIO):
    """A file that tells how many bytes came."""

    def __init__(self, path: Path, advance: Callable[[int], None]) -> None:
        super().__init__(path, "r+" if path.exists() else "w+")
        self._advance = advance

    def write(self, data: bytes, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] -- bytes is what comes
        view = memoryview(data)
        while view:
            done = super().write(view) or 0
            self._advance(done)
            view = view[done:]
        return len(data)

    def truncate(self, size: int | None = None, /) -> int:
        before = self._end()
        after = super().truncate(size)
        self._advance(after - before)
        return after

    def _end(self) -> int:
        here = self.tell()
        end = self.seek(0, io.SEEK_END)
        self.seek(here)
        return end


def _remote(one: _Sibling, repo: str) -> Remote:
    if one.size is None or (one.lfs is None and one.blob_id is None):
        raise Incomplete(
            f"The hub does not say how large {one.rfilename} of {repo} is, or what is in it.",
            hint="Try another mirror, or the hub itself.",
        )
    return Remote(one.rfilename, one.size, one.lfs.sha256 if one.lfs else None, one.blob_id)


def _transport_errors() -> tuple[type[Exception], ...]:
    """What the library's HTTP client raises, whichever it was built with."""
    kinds: list[type[Exception]] = [OSError]
    names: Mapping[str, str] = {"httpx2": "HTTPError", "httpx": "HTTPError", "requests": "RequestException"}
    for module, name in names.items():
        if module in sys.modules:
            kinds.append(cast(type[Exception], getattr(sys.modules[module], name)))
    return tuple(kinds)
