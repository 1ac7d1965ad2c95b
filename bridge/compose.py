"""The only place that builds the objects and wires them together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from bridge.access.forwarded import Proxies
from bridge.access.gate import Gate
from bridge.access.links import Links
from bridge.access.local import read_local_token, write_local_token
from bridge.access.pace import Pace
from bridge.access.pairing import Pairing
from bridge.access.tokens import token_hash
from bridge.dispatch import Dispatch, Rooms
from bridge.editing.delivery import Delivery
from bridge.editing.desk import Desk
from bridge.editing.edit import Services
from bridge.editing.model_room import ModelRoom
from bridge.editing.models import OpenModels
from bridge.editing.queue import FairQueue
from bridge.editing.sharing import Sharing
from bridge.editing.tiles import TileCache
from bridge.editing.watching import Watching
from bridge.editing.words import Words
from bridge.history.records import Person
from bridge.history.store import History
from bridge.lan import Lan, open_lan
from bridge.language import LanguageModel
from bridge.memory import keep_memory_flat
from bridge.plugin_bundles import review_page
from bridge.review.bin import BinRoom
from bridge.review.difference import Differences
from bridge.review.page_routes import PageRoutes
from bridge.review.people import PeopleRoom
from bridge.review.presence import Presence
from bridge.review.room import ReviewRoom
from bridge.review.routes import SessionRoutes
from bridge.review.thread_room import ThreadRoom
from bridge.review.tile_routes import TileRoutes
from bridge.review.tiles import Tiles
from bridge.search.room import SearchRoom
from bridge.server import NAME, Server, bridge_version
from bridge.settings import Settings
from bridge.takeaway.credentials import Signing
from bridge.takeaway.room import TakeRoom
from bridge.takeaway.routes import TakeRoutes
from bridge.takeaway.shelf import Shelf as TakeawayShelf
from bridge.weights import Shelf
from engine import host
from engine.api import Engine
from engine.host import WorkerEngine
from engine.models.memory import Device, why_not

# The name that the person at this machine has in histories.
_LOCAL_PERSON = "this machine"
# Where files wait that somebody is about to fetch.
_TAKEN = "taken"
# Beside the history, which can do without it.
TILES = "tiles"


@dataclass(frozen=True, slots=True, eq=False)
class Bridge:
    """A bridge that runs.

    Attributes:
        server: listens.
        engine: its worker may still be starting.
        pairing: the current code.
        local_token: lets the person at this machine in.
        lan: how it is open to the local network, or None.
    """

    server: Server
    engine: Engine
    pairing: Pairing
    local_token: str
    lan: Lan | None = None

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def address(self) -> str:
        """Where clients connect."""
        return self.server.url

    def pairing_code(self) -> str:
        """The code to type in a plugin; it is renewed when it is used or too old."""
        return self.pairing.code


@asynccontextmanager
async def running_bridge(settings: Settings, engine: Engine | None = None) -> AsyncGenerator[Bridge]:
    """A bridge on its port, with its history open and its worker starting; all of it ends with the block.

    Args:
        settings: see `bridge.settings`.
        engine: instead of a worker process of its own, for tests.

    Raises:
        PortTaken, StorageError: it cannot start; each says what to do.
    """
    keep_memory_flat()
    async with AsyncExitStack() as stack:
        models = host.OpenModels(settings.models_folder, settings.models_bytes, settings.models_fast)
        own = None
        if engine is None:
            own = WorkerEngine(
                device=settings.device, threads=settings.threads, at_once=settings.edits_at_once, models=models
            )
        worker = engine or own
        assert worker is not None, "one of the two"
        await worker.start()
        stack.push_async_callback(worker.stop)
        history = await History.open(settings.data_folder, durable=settings.durable)
        stack.push_async_callback(history.close)
        services = Services(
            history=history,
            tiles=TileCache(history.blobs, settings.tile_cache_bytes),
            queue=FairQueue(width=settings.edits_at_once, per_person=settings.edits_per_person),
            engine=worker,
            delivery=Delivery(),
            words=words_of(settings),
            models=lambda: open_models_of(settings, None if own is None else own.device),
        )
        watching = Watching(history)
        stack.push_async_callback(watching.stop)
        desk = Desk(services, watching, per_person=settings.edits_per_person)
        stack.push_async_callback(desk.stop)
        pairing = Pairing()
        links = Links()
        tiles = Tiles(history, settings.data_folder / TILES)
        stack.push_async_callback(tiles.stop)
        presence = Presence(history)
        stack.push_async_callback(presence.stop)
        shelf = TakeawayShelf(settings.data_folder / _TAKEN)
        stack.callback(shelf.close)
        rooms = Rooms(
            review=ReviewRoom(history, tiles),
            threads=ThreadRoom(history),
            people=PeopleRoom(history, links, lambda: server.public_url),
            presence=presence,
            watching=watching,
            sharing=Sharing(history, tiles.forget),
            take=TakeRoom(history, shelf, (NAME, bridge_version()), signing_of(settings)),
            bin=BinRoom(history),
            search=SearchRoom(history),
            models=ModelRoom(history, services.models),
        )
        local_token = await _local_token(history, settings)
        lan = await asyncio.to_thread(open_lan, settings)
        server = Server(
            Dispatch(services, desk, rooms, pairing, Pace()),
            port=settings.port,
            host_names=settings.host_names,
            origins=settings.origins,
            network=None if lan is None else lan.network,
            proxies=Proxies(settings.trusted_proxies, settings.forwarded_headers),
            public_url=settings.public_url,
            keeps_inside=(local_token,),
            routes=(
                *SessionRoutes(history, links).routes(),
                *PageRoutes(review_page()).routes(),
                *TakeRoutes(history, shelf).routes(),
                *TileRoutes(tiles, Differences(history, tiles)).routes(),
            ),
            allow=Gate(history.people, history.members).check,
            ready=lambda: worker.is_ready,
        )
        await server.start()
        stack.push_async_callback(server.stop)
        if lan is not None:
            renewing = asyncio.create_task(lan.renew_always(), name="certificate")
            stack.callback(renewing.cancel)
        yield Bridge(server, worker, pairing, local_token, lan)


def signing_of(settings: Settings) -> Signing | None:
    """With what exported pictures are signed, where a certificate is set."""
    if settings.credentials_certificate is None or settings.credentials_key is None:
        return None
    return Signing(settings.credentials_certificate, settings.credentials_key, settings.credentials_time_stamps)


def words_of(settings: Settings) -> Words:
    """How commands are read: by the rules, and by a language model where one is set."""
    address = settings.language_model
    if address is None:
        return Words()
    return Words(LanguageModel(address, settings.language_model_name, settings.language_model_seconds))


def open_models_of(settings: Settings, device: Device | None = None) -> OpenModels:
    """The open models whose weights are here now; with a device, those that do not fit are not chosen by themselves."""
    present = OpenModels(Shelf(settings.models_folder).present())
    return present if device is None else replace(present, why_not=partial(why_not, device=device))


async def local_person(history: History, settings: Settings) -> Person:
    """The person at this machine, who has a token in the data folder; made where there is none."""
    person = await history.people.by_token(token_hash(await _local_token(history, settings)))
    assert person is not None, "its token was made or found a moment ago"
    return person


async def _local_token(history: History, settings: Settings) -> str:
    token = read_local_token(settings.data_folder)
    if token is None or await history.people.by_token(token_hash(token)) is None:
        token = write_local_token(settings.data_folder)
        await history.people.add(_LOCAL_PERSON, token_hash(token))
    return token
