"""Owns the wording and form of the API's errors, as recorded from real shops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphql import GraphQLError, Node, SourceLocation

from shopstack.simulator.server.access import DOCUMENTATION

RATE_LIMITS: Final = "https://shopify.dev/api/usage/rate-limits"


class ApiError(Exception):
    """A resolver's refusal: it becomes one entry of ``errors`` and the field becomes null."""

    def __init__(self, message: str, code: str, **extensions: Any) -> None:
        super().__init__(message)
        self.extensions = {"code": code, **extensions}


def bad_request(message: str) -> ApiError:
    """Arguments that cannot be answered."""
    return ApiError(message, "BAD_REQUEST")


def access_denied(field: str, required: str) -> ApiError:
    """A field that the app's scopes do not cover."""
    return ApiError(
        f"Access denied for {field} field. Required access: {required}",
        "ACCESS_DENIED",
        documentation=DOCUMENTATION,
        requiredAccess=required,
    )


def not_found(gid: str) -> ApiError:
    """A global id of another type than the field asks for."""
    return ApiError(f"Invalid id: {gid}", "RESOURCE_NOT_FOUND")


def throttled() -> dict[str, Any]:
    """The error of a query that the bucket cannot pay for."""
    return {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": RATE_LIMITS}}


def max_cost_exceeded(cost: int, maximum: int) -> dict[str, Any]:
    """The error of a query that is too dear at any time."""
    return {
        "message": f"Query cost is {cost}, which exceeds the single query max cost limit ({maximum}).",
        "extensions": {
            "code": "MAX_COST_EXCEEDED",
            "cost": cost,
            "maxCost": maximum,
            "documentation": RATE_LIMITS,
        },
    }


def internal_error(request_id: str) -> dict[str, Any]:
    """The error of a failure on Shopify's side."""
    return {
        "message": "Internal error. Looks like something went wrong on our end.\n"
        f"Request ID: {request_id} (include this in support requests).",
        "extensions": {"requestId": request_id, "code": "INTERNAL_SERVER_ERROR"},
    }


def location_of(node: Node | None) -> list[dict[str, int]]:
    """Line and column of a node, as errors carry them."""
    if node is None or node.loc is None:
        return []
    token = node.loc.start_token
    return [{"line": token.line, "column": token.column}]


def static_error(
    message: str, node: Node | None, path: Sequence[str], code: str, **extensions: Any
) -> dict[str, Any]:
    """An error found before anything ran: its path is made of names and begins with the operation."""
    return {
        "message": message,
        "locations": location_of(node),
        "path": list(path),
        "extensions": {"code": code, **extensions},
    }


def runtime_error(error: GraphQLError) -> dict[str, Any]:
    """An error of a field that was executed."""
    extensions: Mapping[str, Any] = (
        getattr(error.original_error, "extensions", None) or error.extensions or {}
    )
    locations: Sequence[SourceLocation] = error.locations or ()
    return {
        "message": error.message,
        "locations": [{"line": each.line, "column": each.column} for each in locations],
        "extensions": dict(extensions) or {"code": "INTERNAL_SERVER_ERROR"},
        "path": list(error.path or ()),
    }
