"""What an answer of the Cloud API means for the outbox. Reasons are words of ours: an answer's own text may quote."""

from __future__ import annotations

import httpx
from pywa import errors

from bot.channels.base import Refused, Retry, Shut

# A whole number that sends too fast (80 messages a second in and out) rests this long, crisis apart.
THROUGHPUT_MS = 1_000
PAIR_GROWTH = 4
"""Meta: after 131056 wait 4^n seconds, n from 0."""
LATER_MS = 60_000

TOKEN, NUMBER, TEMPLATE, ACCOUNT, PAYMENT = (
    "token_refused",
    "number_unknown",
    "template_missing",
    "account_locked",
    "payment",
)

_TEMPLATE = (
    errors.TemplateNotExists,
    errors.TemplateParamCountMismatch,
    errors.TemplateContentPolicyViolation,
    errors.TemplatePaused,
    errors.TemplateDisabled,
)
_LATER = (errors.ServiceUnavailable, errors.UnknownError, errors.GenericError, errors.AccountInMaintenanceMode)
_SLOWLY = (errors.ToManyAPICalls, errors.RateLimitIssues, errors.SpamRateLimitHit,
           errors.MessageFailedToReachMessagingLimit)  # fmt: skip
_NOBODY = (errors.MessageUndeliverable, errors.RecipientCannotBeSender, errors.RecipientNotInAllowedList)
_UNSENDABLE = (errors.UnsupportedMessageType, errors.MediaUploadError, errors.MediaDownloadError)


def verdict(error: errors.WhatsAppError) -> Retry | Refused | Shut:
    """Retry for what may pass, Shut for a closed window, Refused for what never will."""
    if isinstance(error, errors.ReEngagementMessage):
        return Shut()
    if isinstance(error, errors.TooManyMessages):
        return Retry(reason="pair_limit", growth=PAIR_GROWTH)
    if isinstance(error, errors.RateLimitHit):
        return Retry(THROUGHPUT_MS, "throughput", named=True)
    if isinstance(error, _SLOWLY):
        return Retry(LATER_MS, "slow_down", named=True)
    if isinstance(error, errors.AuthorizationError):
        return Retry(reason=TOKEN)
    if isinstance(error, errors.IntegrityError):
        return Retry(LATER_MS, ACCOUNT, named=True)
    if isinstance(error, errors.BusinessPaymentIssue):
        return Retry(LATER_MS, PAYMENT, named=True)
    if isinstance(error, _NOBODY):
        return Refused("undeliverable", person=True)
    if isinstance(error, _TEMPLATE):
        return Refused(TEMPLATE)
    if isinstance(error, _LATER) or error.is_transient:
        return Retry(reason=f"code_{error.code}")
    return _plain(error)


def _plain(error: errors.WhatsAppError) -> Retry | Refused:
    status = error.status_code or 0
    if status == 401:
        return Retry(reason=TOKEN)
    if error.code in (100, 133010) and (error.subcode == 33 or error.code == 133010):
        return Retry(LATER_MS, NUMBER, named=True)
    if status == 429:
        return Retry(THROUGHPUT_MS, "slow_down", named=True)
    if status >= 500 or error.code in (1, 2, 408):
        return Retry(reason=f"status_{status}")
    if isinstance(error, _UNSENDABLE):
        return Refused("unsendable")
    return Refused("bad_request")


def of_network(error: httpx.HTTPError) -> Retry:
    """No answer, or half of one: sent perhaps, and at least once is the law (M4)."""
    return Retry(reason="timeout" if isinstance(error, httpx.TimeoutException) else "network")
