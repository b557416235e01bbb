"""A Bitrix24 portal for tests: its REST methods, its limits and its troubles, on loopback."""

from portal.caller import Caller
from portal.clock import START, Clock, WallClock
from portal.faults import Faults, Script
from portal.meddler import Meddler
from portal.pages import Reply
from portal.portal import Command, Portal, Request, Unanswered
from portal.state import RestError
from portal.world import World

__all__ = [
    "START",
    "Caller",
    "Clock",
    "Command",
    "Faults",
    "Meddler",
    "Portal",
    "Reply",
    "Request",
    "RestError",
    "Script",
    "Unanswered",
    "WallClock",
    "World",
]
