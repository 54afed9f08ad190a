"""`python -m tests.platforms.telegram --port 8081`: the server alone, driven with curl under /_control."""

from __future__ import annotations

import argparse
import signal
import sys

from .api import TOKEN, BotApi


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="tests.platforms.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=TOKEN, help="the bot's token")
    parser.add_argument("--topics", action="store_true", help="allow topics in private chats")
    options = parser.parse_args()
    # Blocked before the server's thread starts, so that the signal waits for us in every thread.
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with BotApi(token=options.token, port=options.port, topics=options.topics) as api:
        sys.stdout.write(
            f"SEBAYA_TELEGRAM_API_URL={api.url}\nSEBAYA_TELEGRAM_TOKEN={api.token}\n"
            f'curl -d \'{{"person": 7000000001, "text": "halo"}}\' {api.url}/_control/say\n'
            f"curl {api.url}/_control/inbox/7000000001\n"
        )
        sys.stdout.flush()
        signal.sigwait(ends)


main()
