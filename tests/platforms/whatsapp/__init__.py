"""A WhatsApp Cloud API server on the loopback, for tests and for a developer by hand.

    async with CloudApi() as api:
        start_the_bot(api.url, api.token, api.phone_id, api.app_secret, api.verify_token)
        await api.subscribe("http://127.0.0.1:8000/webhooks/whatsapp")     # or api.connect(asgi_app)
        budi = api.person("6281234567890")                                  # user_id=None: a phone alone
        await budi.say("halo")
        card = await budi.wait_for("Halo", button="consent:")
        await budi.press("consent:yes")

Reading: `budi.inbox`, `.texts`, `.wait_for`, `api.requests`, `api.calls`, `api.outgoing_bytes()`, `api.reads`.
Trouble: `api.faults.add("131056", to=budi, times=2)`, `api.faults.add("cut")`, `api.hold()` and `api.release(times=3,
shuffle=7, shape="messages")`, `api.advance(24 * 3600)`, `api.late_refusals`, `api.statuses`, `budi.leave()`.
"""

from .api import CloudApi
from .delivery import HEADER, SHAPES, signature
from .faults import Fault
from .messages import Bubble
from .person import Person
from .world import Request

__all__ = ["HEADER", "SHAPES", "Bubble", "CloudApi", "Fault", "Person", "Request", "signature"]
