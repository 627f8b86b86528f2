"""Owns how a field gets its value: stored documents, references, connections, defaults and root fields.

Paging is left to ``connections``, listings to ``catalog``, bulk operations and reports to their own modules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    GraphQLOutputType,
    GraphQLResolveInfo,
    get_named_type,
    is_non_null_type,
)

from shopstack.simulator.schema import ReducedSchema
from shopstack.simulator.served import RELATED
from shopstack.simulator.server.access import Access
from shopstack.simulator.server.bulk import BulkOperations
from shopstack.simulator.server.catalog import Catalog, Listing, fields_of, listing_of_documents
from shopstack.simulator.server.connections import Page, PagingError, entries_of, window
from shopstack.simulator.server.defaults import NoDefaultError, default_value
from shopstack.simulator.server.documents import (
    DocumentCorpus,
    DocumentStore,
    is_named,
    is_related,
    typename_of,
)
from shopstack.simulator.server.errors import ApiError, access_denied, bad_request, not_found
from shopstack.simulator.server.faults import FaultBook, Place
from shopstack.simulator.server.search import InvalidSearchError
from shopstack.simulator.server.settings import ServerSettings
from shopstack.simulator.server.shopifyql import answer_report

Info = GraphQLResolveInfo[Any]


@dataclass
class Request:
    """One query while it runs: what it may see, and what it has loaded and noticed."""

    store: DocumentStore
    settings: ServerSettings
    schema: ReducedSchema
    access: Access
    catalog: Catalog
    bulk: BulkOperations
    faults: FaultBook
    searches: list[dict[str, Any]] = field(default_factory=list)
    _loaded: dict[str, Any] = field(default_factory=dict)

    def load(self, gid: str) -> dict[str, Any] | None:
        """A document by its id, as far as the app may see it."""
        if gid not in self._loaded:
            document = self.store.document(gid)
            if document and not self.catalog.is_visible(typename_of(gid), document):
                document = None
            self._loaded[gid] = document
        loaded: dict[str, Any] | None = self._loaded[gid]
        return loaded

    def note_search(self, info: Info, query: str, listing: Listing) -> None:
        """Remember a search's warnings for ``extensions.search``."""
        if listing.search.warnings:
            entry = {"path": info.path.as_list(), "query": query, "parsed": listing.search.parsed}
            self.searches.append({**entry, "warnings": listing.search.warnings})


def resolve_field(source: Any, info: Info, **arguments: Any) -> Any:
    """The value of any field of the schema; refusals are raised as ``ApiError``."""
    request: Request = info.context
    key = f"{info.parent_type.name}.{info.field_name}"
    if key in request.access.denied:
        raise access_denied(info.field_name, request.access.denied[key])
    if info.parent_type.name in ("QueryRoot", "Mutation"):
        return resolve_root(request, info, arguments)
    if isinstance(source, Page):
        return page_field(source, info.field_name)
    if key in request.access.hidden:
        return dull(info.return_type) if is_non_null_type(info.return_type) else None
    return stored_value(request, source, info, arguments)


def resolve_type(value: Any, _info: Info, _abstract: Any) -> str:
    """The concrete type of a document under an interface or union."""
    return str(value.get("__typename") or typename_of(value.get("id", "")))


def page_field(page: Page, name: str) -> Any:
    """A field of a connection."""
    if name == "nodes":
        return page.nodes()
    return page.edges() if name == "edges" else page.page_info()


def stored_value(request: Request, source: Mapping[str, Any], info: Info, arguments: Any) -> Any:
    """A field of a document: references followed, lists wrapped as connections, missing scalars defaulted."""
    listed = LISTED_BELOW.get((info.parent_type.name, info.field_name))
    if listed is not None:
        return root_page(request, info, listed, arguments)
    value = source.get(info.field_name)
    if get_named_type(info.return_type).name.endswith("Connection"):
        return child_page(request, source, value, info, arguments)
    if isinstance(value, dict) and "__ref" in value:
        return request.load(value["__ref"])
    if isinstance(value, list):
        items = [request.load(each["__ref"]) if is_reference(each) else each for each in value]
        if (
            "names" in arguments
        ):  # the one argument by which a plain list is cut down: `InventoryLevel.quantities`
            items = [one for name in arguments["names"] for one in items if one and one["name"] == name]
        return items[: arguments["first"]] if arguments.get("first") is not None else items
    if value is None and is_non_null_type(info.return_type):
        return dull(info.return_type)
    return value


def is_reference(value: Any) -> bool:
    """Whether a stored value points at another document."""
    return isinstance(value, dict) and "__ref" in value


def dull(kind: GraphQLOutputType) -> Any:
    """The default of a non-null field. Raises ``ApiError`` where the document should have held something."""
    try:
        return default_value(kind)
    except NoDefaultError as error:
        raise ApiError(str(error), "INTERNAL_SERVER_ERROR") from error


def child_page(
    request: Request,
    source: Mapping[str, Any],
    value: Any,
    info: Info,
    arguments: dict[str, Any],
) -> Page:
    """A window of a parent's children: embedded ones, references, or what the store relates to it."""
    key = f"{info.parent_type.name}.{info.field_name}"
    children = value
    if children is None and "id" in source and is_related(info.parent_type.name, info.field_name):
        gids = request.store.related(source["id"], info.field_name)
        children = [{"__ref": gid} for gid in gids]
    loaded = [request.load(each["__ref"]) if is_reference(each) else each for each in children or []]
    present = [each for each in loaded if each is not None and is_named(each, arguments)]
    entries = entries_of(present)
    query = arguments.get("query")
    try:
        if query:
            numbered = {str(index): each for index, each in enumerate(present)}
            typename = get_named_type(info.return_type).name.removesuffix("Connection")
            corpus = DocumentCorpus(typename, numbered, fields_of(request.schema, typename))
            search = request.catalog.search(request.schema, key)
            listing = listing_of_documents(search, corpus, query)
            request.note_search(info, query, listing)
            kept = {int(entry.target) for entry in listing.entries}
            entries = [entry for index, entry in enumerate(entries) if index in kept]
        return window(entries, arguments, load=lambda document: document, limit=request.settings.paging_limit)
    except (PagingError, InvalidSearchError) as error:
        raise bad_request(str(error)) from error


# --- root fields ----------------------------------------------------------------------------------------------

#: Root connections and counts: field -> type.
LISTED: Final[Mapping[str, str]] = {
    "orders": "Order",
    "customers": "Customer",
    "products": "Product",
    "productVariants": "ProductVariant",
    "inventoryItems": "InventoryItem",
    "locations": "Location",
    "collections": "Collection",
    "discountNodes": "DiscountNode",
    "giftCards": "GiftCard",
    "draftOrders": "DraftOrder",
    "abandonedCheckouts": "AbandonedCheckout",
    "tenderTransactions": "TenderTransaction",
    "events": "BasicEvent",
}
COUNTED: Final[Mapping[str, str]] = {f"{name}Count": typename for name, typename in LISTED.items()}
#: Connections below an object that list every object of a type: (type, field) -> type.
LISTED_BELOW: Final[Mapping[tuple[str, str], str]] = {
    ("ShopifyPaymentsAccount", field): typename
    for field, typename in RELATED["ShopifyPaymentsAccount"].items()
}
SINGLE: Final[Mapping[str, str]] = {
    "order": "Order",
    "customer": "Customer",
    "product": "Product",
    "productVariant": "ProductVariant",
    "inventoryItem": "InventoryItem",
    "location": "Location",
    "collection": "Collection",
    "discountNode": "DiscountNode",
    "giftCard": "GiftCard",
    "draftOrder": "DraftOrder",
}


def resolve_root(request: Request, info: Info, arguments: dict[str, Any]) -> Any:
    """The value of a field of ``QueryRoot`` or ``Mutation``."""
    name = info.field_name
    if name in LISTED:
        return root_page(request, info, LISTED[name], arguments)
    if name in COUNTED:
        return root_count(request, info, COUNTED[name], arguments)
    if name in SINGLE:
        return one_of(request, SINGLE[name], arguments.get("id"))
    return OTHER_ROOTS[name](request, info, arguments)


def found(request: Request, info: Info, typename: str, arguments: Mapping[str, Any]) -> Listing:
    """What a root field's ``query`` finds. A search fault makes the filter ignored, with a warning."""
    if arguments.get("savedSearchId"):
        raise not_found(arguments["savedSearchId"])  # the simulated shop keeps no saved searches
    query = arguments.get("query")
    root = f"{info.parent_type.name}.{info.field_name}"
    order = str(arguments.get("sortKey") or "ID")
    try:
        struck = request.faults.strike(Place.SEARCH, query) if query else None
        listing = request.catalog.listing(request.schema, root, typename, None if struck else query, order)
    except InvalidSearchError as error:
        raise bad_request(str(error)) from error
    if query and struck:
        name = query.split(":", maxsplit=1)[0]
        warning = {"field": name, "message": "Invalid search field for this query.", "code": "invalid_field"}
        parsed = {"field": name, "match_all": query.partition(":")[2]}
        entry = {"path": info.path.as_list(), "query": query, "parsed": parsed, "warnings": [warning]}
        request.searches.append(entry)
    elif query:
        request.note_search(info, query, listing)
    return listing


def root_page(request: Request, info: Info, typename: str, arguments: dict[str, Any]) -> Page:
    """A window of a root connection."""
    entries = found(request, info, typename, arguments).entries
    if typename == "Location" and not arguments.get("includeInactive"):
        active = request.store.documents("Location")
        shown = {each["id"] for each in active if each.get("isActive", True)}
        entries = [entry for entry in entries if entry.target in shown]
    if arguments.get("hideTransfers"):
        transfers = {each["id"] for each in request.store.documents(typename) if each["type"] == "TRANSFER"}
        entries = [entry for entry in entries if entry.target not in transfers]
    if direction := arguments.get("transactionType"):
        other = {
            each["id"] for each in request.store.documents(typename) if each["transactionType"] != direction
        }
        entries = [entry for entry in entries if entry.target not in other]
    try:
        return window(entries, arguments, request.load, request.settings.paging_limit)
    except PagingError as error:
        raise bad_request(str(error)) from error


def root_count(request: Request, info: Info, typename: str, arguments: Mapping[str, Any]) -> Any:
    """A count, exact up to its limit."""
    count = len(found(request, info, typename, arguments).entries)
    limit = request.settings.counted_events if typename == "BasicEvent" else arguments.get("limit")
    if limit is not None and count > limit:
        return {"count": limit, "precision": "AT_LEAST"}
    return {"count": count, "precision": "EXACT"}


def one_of(request: Request, typename: str, gid: str | None) -> Any:
    """One root object by its id; an id of another type is an error, an unknown one null."""
    if gid is None:  # `location` without an id is the shop's primary location
        return request.load(request.store.ids(typename)[0])
    if typename_of(gid) != typename:
        raise not_found(gid)
    return request.load(gid)


def bulk_operation(request: Request, _info: Info, arguments: Mapping[str, Any]) -> Any:
    """One bulk operation by its id."""
    if typename_of(arguments["id"]) != "BulkOperation":
        raise not_found(arguments["id"])
    return request.bulk.document(arguments["id"])


def bulk_operations(request: Request, info: Info, arguments: dict[str, Any]) -> Page:
    """A window of the app's bulk operations."""
    documents = {each["id"]: each for each in request.bulk.documents()}
    query = arguments.get("query")
    search = request.catalog.search(request.schema, "QueryRoot.bulkOperations")
    corpus = DocumentCorpus("BulkOperation", documents, fields_of(request.schema, "BulkOperation"))
    try:
        order = str(arguments.get("sortKey") or "CREATED_AT")
        listing = listing_of_documents(search, corpus, query, order)
        if query:
            request.note_search(info, query, listing)
        return window(listing.entries, arguments, documents.__getitem__, request.settings.paging_limit)
    except (PagingError, InvalidSearchError) as error:
        raise bad_request(str(error)) from error


def any_node(request: Request, info: Info, gid: str) -> Any:
    """Any Node by its id, as far as the app may see its type."""
    required = request.access.denied_types.get(typename_of(gid))
    if required:
        raise access_denied(info.field_name, required)
    return request.bulk.document(gid) if typename_of(gid) == "BulkOperation" else request.load(gid)


def app_installation(request: Request, _info: Info, _arguments: Any) -> dict[str, Any]:
    """The app's installation with the scopes that it was granted."""
    scopes = [
        {"handle": scope, "description": scope.replace("_", " ")} for scope in sorted(request.settings.scopes)
    ]
    return {"id": "gid://shopify/AppInstallation/1", "accessScopes": scopes}


def payments_account(request: Request, _info: Info, _arguments: Any) -> Any:
    """The shop's Shopify Payments account; null where it has none."""
    if not request.settings.payments_account:
        return None
    return request.load(request.store.ids("ShopifyPaymentsAccount")[0])


def report(request: Request, _info: Info, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a ShopifyQL query."""
    if request.faults.strike(Place.REPORT, arguments["query"]):
        raise ApiError("Something went wrong", "INTERNAL_SERVER_ERROR")
    return answer_report(request.store, arguments["query"], request.schema.version)


OTHER_ROOTS: Final[Mapping[str, Callable[[Request, Info, dict[str, Any]], Any]]] = {
    "bulkOperation": bulk_operation,
    "bulkOperations": bulk_operations,
    "currentBulkOperation": lambda request, _info, arguments: (
        request.bulk.current() if arguments.get("type") == "QUERY" else None
    ),
    "bulkOperationRunQuery": lambda request, _info, arguments: request.bulk.run(
        request.schema, request.access, arguments["query"], grouped=arguments.get("groupObjects", False)
    ),
    "bulkOperationCancel": lambda request, _info, arguments: request.bulk.cancel(arguments["id"]),
    "currentAppInstallation": app_installation,
    "node": lambda request, info, arguments: any_node(request, info, arguments["id"]),
    "nodes": lambda request, info, arguments: [any_node(request, info, gid) for gid in arguments["ids"]],
    "shop": lambda request, _info, _arguments: request.load(request.store.ids("Shop")[0]),
    "shopifyPaymentsAccount": payments_account,
    "shopifyqlQuery": report,
}
