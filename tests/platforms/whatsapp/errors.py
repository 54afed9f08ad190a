"""Refusals in the words of the Graph API."""

from __future__ import annotations

from typing import Any

# code -> HTTP status, title, details
CODES: dict[int, tuple[int, str, str]] = {
    0: (401, "AuthException", "We were unable to authenticate the app user."),
    4: (400, "Application request limit reached", "The app has reached its API call rate limit."),
    100: (400, "Invalid parameter", "One or more parameters are wrong."),
    190: (401, "Error validating access token", "Your access token has expired."),
    368: (403, "Temporarily blocked for policies violations", "The account has been restricted."),
    80007: (400, "Rate limit issues", "The WhatsApp Business Account has reached its rate limit."),
    130429: (429, "Rate limit hit", "Cloud API message throughput has been reached."),
    130472: (400, "User's number is part of an experiment", "Message was not sent as part of an experiment."),
    131000: (500, "Something went wrong", "Message failed to send due to an unknown error."),
    131008: (400, "Required parameter is missing", "The request is missing a required parameter."),
    131009: (400, "Parameter value is not valid", "One or more parameter values are invalid."),
    131016: (503, "Service unavailable", "A service is temporarily unavailable."),
    131021: (400, "Recipient cannot be sender", "Sender and recipient phone number is the same."),
    131026: (400, "Message undeliverable", "Unable to deliver message."),
    131031: (403, "Account has been locked", "The account has been restricted or disabled."),
    131042: (400, "Business eligibility payment issue", "There was an error related to your payment method."),
    131047: (400, "Re-engagement message", "More than 24 hours have passed since the recipient last replied."),
    131051: (400, "Unsupported message type", "The message type is not supported."),
    131052: (400, "Media download error", "Unable to download the media sent by the user."),
    131053: (400, "Media upload error", "Unable to upload the media used in the message."),
    131056: (400, "Pair rate limit hit", "Too many messages sent to the same recipient in a short time."),
    131057: (400, "Account in maintenance mode", "The account is being upgraded."),
    131062: (400, "BSUID recipients are not supported", "Business-scoped user IDs are not supported for this message."),
    132001: (404, "Template does not exist", "The template does not exist in the specified language."),
    132015: (400, "Template is paused", "The template is paused due to low quality."),
    133010: (400, "Phone number not registered", "The phone number is not registered on the Business Platform."),
}


class ApiError(Exception):
    """An answer that is not a success."""

    def __init__(self, code: int, details: str | None = None, *, subcode: int | None = None) -> None:
        status, title, usual = CODES[code]
        super().__init__(title)
        self.code, self.status, self.title = code, status, title
        self.details, self.subcode = details or usual, subcode

    def wire(self) -> dict[str, Any]:
        """The body of the answer."""
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {self.title}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error}

    def in_status(self) -> dict[str, Any]:
        """The same in a failed status."""
        return {"code": self.code, "title": self.title, "message": self.title,
                "error_data": {"details": self.details},
                "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"}  # fmt: skip
