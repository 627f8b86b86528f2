"""Owns one request to the Admin API: which version answers it, what it costs, whether it may run, and its envelope.

HTTP is left to ``app``; how fields get their values to ``resolvers``.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, execute_sync

from shopstack.simulator.schema import VERSIONS, ReducedSchema, load_schema
from shopstack.simulator.server.access import Access, access_of
from shopstack.simulator.server.bulk import BulkOperations
from shopstack.simulator.server.catalog import Catalog
from shopstack.simulator.server.cost import Bucket, CostEstimator
from shopstack.simulator.server.documents import DocumentStore
from shopstack.simulator.server.errors import internal_error, max_cost_exceeded, runtime_error, throttled
from shopstack.simulator.server.faults import FaultBook, Place
from shopstack.simulator.server.resolvers import Request, resolve_field, resolve_type
from shopstack.simulator.server.results import ResultFiles
from shopstack.simulator.server.settings import ServerSettings
from shopstack.simulator.server.tokens import TokenBook
from shopstack.simulator.server.validation import (
    SyntaxRefusal,
    coerced_variables,
    parse_document,
    validation_errors,
)

Json = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """A document that may run: its operation, fragments, variables and price."""

    document: DocumentNode
    operation: OperationDefinitionNode
    variables: Mapping[str, Any]
    costs: CostEstimator


class AdminApi:
    """The simulated Admin API of one shop for one app."""

    def __init__(self, store: DocumentStore, settings: ServerSettings) -> None:
        self.store = store
        self.settings = settings
        self.faults = FaultBook(settings.faults)
        self.tokens = TokenBook(store.clock, settings)
        self.files = ResultFiles(store.clock, settings.result_lifetime)
        #: Held while a query runs, a bulk chunk is read, or the store changes.
        self.lock = threading.RLock()
        if settings.index_lag:
            store.index_lag(timedelta(seconds=settings.index_lag))
        if settings.journey_seconds:
            store.journeys_after(timedelta(seconds=settings.journey_seconds))
        self.catalog = Catalog(store, settings)
        self.bulk = BulkOperations(
            store, settings, self.catalog, faults=self.faults, files=self.files, lock=self.lock
        )
        self.bucket = Bucket(store.clock, settings.points_per_second(store.shop.plan))
        self._access: dict[str, Access] = {}

    def close(self) -> None:
        """Stop what runs and remove every file."""
        self.bulk.close()
        self.files.close()

    def grant(self, scopes: Iterable[str] | None = None, *, protected_data: bool | None = None) -> None:
        """Give the app other rights from the next request on; None leaves what it has."""
        with self.lock:
            self.settings = replace(
                self.settings,
                scopes=self.settings.scopes if scopes is None else frozenset(scopes),
                protected_data=self.settings.protected_data if protected_data is None else protected_data,
            )
            self.catalog.settings = self.bulk.settings = self.tokens.settings = self.settings
            self._access.clear()

    def append(self, event: Any) -> None:
        """Let something happen in the shop, between two queries."""
        with self.lock:
            self.store.append(event)

    def answer(self, version: str, body: Mapping[str, Any]) -> Json:
        """The answer to one GraphQL request on a served version."""
        text = body["query"]
        fault = self.faults.strike(Place.ANSWER, text)
        if fault and fault.kind == "internal_error":
            return {"errors": [internal_error(str(uuid.uuid4()))], "data": None}
        schema = load_schema(version)
        prepared = prepare(schema, text, body.get("variables") or {}, body.get("operationName"))
        if isinstance(prepared, list):
            return {"errors": prepared}
        requested = prepared.costs.requested(prepared.operation)
        if requested > self.settings.max_query_cost:
            return {"errors": [max_cost_exceeded(requested, self.settings.max_query_cost)]}
        paying = self.settings.throttling
        if (fault and fault.kind == "throttled") or (paying and not self.bucket.take(requested)):
            return {"errors": [throttled()], "extensions": {"cost": self._cost(requested, None)}}
        return self._execute(schema, prepared, requested)

    def _execute(self, schema: ReducedSchema, prepared: Prepared, requested: int) -> Json:
        request = Request(
            store=self.store,
            settings=self.settings,
            schema=schema,
            access=self.access(schema),
            catalog=self.catalog,
            bulk=self.bulk,
            faults=self.faults,
        )
        with self.lock:
            result = execute_sync(
                schema.graphql,
                prepared.document,
                context_value=request,
                variable_values=dict(prepared.variables),
                operation_name=prepared.operation.name.value if prepared.operation.name else None,
                field_resolver=resolve_field,
                type_resolver=resolve_type,
            )
        actual = min(requested, prepared.costs.actual(prepared.operation, result.data))
        if self.settings.throttling:
            self.bucket.give_back(requested - actual)
        answer: Json = {}
        if result.errors:
            answer["errors"] = [runtime_error(each) for each in result.errors]
        answer["data"] = result.data
        answer["extensions"] = {"cost": self._cost(requested, actual)}
        if request.searches:
            answer["extensions"]["search"] = request.searches
        return answer

    def access(self, schema: ReducedSchema) -> Access:
        """What the app may see on a version."""
        if schema.version not in self._access:
            self._access[schema.version] = access_of(schema, self.settings)
        return self._access[schema.version]

    def _cost(self, requested: int, actual: int | None) -> Json:
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": self.bucket.status().as_json(),
        }


def answering_version(asked: str) -> str | None:
    """The version that answers: the one asked for, the oldest served for an older one, none for what never was."""
    if asked in VERSIONS:
        return asked
    year, _, month = asked.partition("-")
    is_version = year.isdigit() and month in ("01", "04", "07", "10")
    return VERSIONS[0] if is_version and asked < VERSIONS[0] else None


def other_version(version: str) -> str:
    """The version after this one, or the one before where it is the newest."""
    at = VERSIONS.index(version)
    return VERSIONS[at + 1] if at + 1 < len(VERSIONS) else VERSIONS[at - 1]


@lru_cache(maxsize=256)
def checked_document(version: str, text: str) -> tuple[DocumentNode, list[Json]]:
    """A parsed document and what is wrong with it; a client that pages asks for the same one again and again.

    Raises ``SyntaxRefusal``.
    """
    document = parse_document(text)
    return document, validation_errors(load_schema(version).graphql, document)


def prepare(
    schema: ReducedSchema, text: str, given: Mapping[str, Any], name: str | None
) -> Prepared | list[Json]:
    """A document ready to run, or the errors of its refusal."""
    try:
        document, errors = checked_document(schema.version, text)
    except SyntaxRefusal as refusal:
        return [refusal.as_json()]
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    chosen = [each for each in operations if name is None or (each.name and each.name.value == name)]
    if len(chosen) != 1:
        message = f"No operation named {name!r}" if name else "An operation name is required"
        return [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]
    if errors:
        return errors
    variables, errors = coerced_variables(schema.graphql, chosen[0], given)
    if errors:
        return errors
    fragments = {
        each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    declared = {each.variable.name.value for each in chosen[0].variable_definitions or ()}
    raw = {key: value for key, value in given.items() if key in declared}
    return Prepared(document, chosen[0], raw, CostEstimator(schema.graphql, fragments, variables))
