"""The life of an offer: a request shown to one helper, until somebody decides or it expires."""

from __future__ import annotations

from enum import StrEnum

from flows.effects import Audit, ClearTimer, Match, Say, Send, Spend, Toast
from flows.events import Accept, Expire, Internal, Pass, Withdraw
from flows.facts import Facts
from flows.machine import ANY, Flow, Row
from flows.snapshot import Offer, OfferState, RequestState
from flows.step import Step
from flows.work import Work


class On(StrEnum):
    accept = "accept"
    forgo = "forgo"
    expire = "expire"
    withdraw = "withdraw"


_TRIGGERS: dict[type, On] = {
    Accept: On.accept, Pass: On.forgo, Expire: On.expire, Withdraw: On.withdraw,
}  # fmt: skip


class OfferWork(Work[Offer]):
    def stranger(self) -> bool:
        """An offer is valid for the one person it was made to."""
        return bool(self.event.helper != self.thing.helper)

    def too_late(self) -> bool:
        request = self.facts.request(self.thing.request)
        return request is None or request.state != "waiting"

    def full(self) -> bool:
        """At capacity; or in a chat about themselves, so that no line of theirs can take the wrong way."""
        staff = self.facts.staff(self.thing.helper)
        if staff is None:
            return False
        own = self.facts.open_chat_of(staff.person) is not None
        return own or len(self.facts.open_chats(staff.person)) >= staff.capacity

    def barred(self) -> bool:
        """Suspended, or the certificate ran out since the offer was made."""
        staff = self.facts.staff(self.thing.helper)
        if staff is None or not staff.active:
            return True
        return staff.role == "supporter" and (staff.certified_until or 0) < self.now

    def close(self) -> None:
        self.want(Spend(f"offer:{self.thing.id}"), ClearTimer("offer", self.thing.id, "expire"))

    def win(self) -> None:
        self.close()
        self.want(Send("request", self.thing.request, Accept(self.thing.helper)), Toast("offer.won.toast"))

    def lose(self) -> None:
        self.close()
        self.want(Toast("offer.lost"), Say("offer.lost", to=self.thing.helper))

    def refuse(self) -> None:
        self.want(Toast("button.stale"))

    def refuse_full(self) -> None:
        self.want(Toast("offer.full"), Say("offer.full", to=self.thing.helper))

    def refuse_barred(self) -> None:
        self.close()
        self.want(Toast("offer.barred"))

    def pass_on(self) -> None:
        """Free, and told to nobody."""
        self.close()
        self.want(Toast("offer.passed"), Match())

    def expire(self) -> None:
        self.close()
        self.want(Match())

    def withdraw(self) -> None:
        self.close()
        if self.event.lost:
            self.want(Say("offer.lost", to=self.thing.helper))

    def audit(self) -> None:
        self.want(Audit(self.thing.helper, "offer.stranger", f"offer:{self.thing.id}"))
        self.refuse()


FLOW = Flow(
    "offer",
    states=OfferState,
    triggers=On,
    initial=OfferState.OPEN,
    final=(OfferState.ACCEPTED, OfferState.PASSED, OfferState.EXPIRED, OfferState.WITHDRAWN),
    work=OfferWork,
    rows=(
        Row(On.accept, ANY, OfferState.OPEN, "stranger", "audit"),
        Row(On.accept, ANY, OfferState.WITHDRAWN, "barred", "refuse_barred"),
        Row(On.accept, ANY, OfferState.WITHDRAWN, "too_late", "lose"),
        Row(On.accept, ANY, OfferState.OPEN, "full", "refuse_full"),
        Row(On.accept, ANY, OfferState.ACCEPTED, None, "win"),
        Row(On.forgo, ANY, OfferState.OPEN, "stranger", "audit"),
        Row(On.forgo, ANY, OfferState.PASSED, None, "pass_on"),
        Row(On.expire, ANY, OfferState.EXPIRED, None, "expire"),
        Row(On.withdraw, ANY, OfferState.WITHDRAWN, None, "withdraw"),
    ),
)


def step(offer: Offer, event: Internal, now: int, facts: Facts) -> Step[Offer]:
    """What an event makes of an offer. A press on one that is over is answered, and changes nothing."""
    work = OfferWork(offer, event, now, facts)
    if work.state in FLOW.final:
        if isinstance(event, Accept | Pass):
            request = facts.request(offer.request)
            lost = offer.state != OfferState.ACCEPTED and offer.helper == event.helper
            taken = lost and request is not None and request.state == RequestState.MATCHED
            work.want(Toast("offer.lost" if taken else "button.stale"), Spend(f"offer:{offer.id}"))
        return work.done()
    FLOW.fire(work, _TRIGGERS[type(event)])
    return work.done()
