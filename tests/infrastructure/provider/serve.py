"""A Terraform provider that knows what a provider's resources look like, and can do nothing.

It speaks Terraform's plugin protocol, version 6, over a schema that `schemas.py` wrote, so that `terraform validate`,
`plan` and `test` judge a configuration by the real provider's resources, arguments, types and references without a
registry, an account or the network. What only the real provider knows it does not: allowed values, conflicts between
arguments, privileges. It refuses to apply.

- A plan leaves every computed value unknown, as a first plan does.
- A data source that is read answers with made-up values: those of `KNOWN`, else the name of the attribute.

`tests/infrastructure/terraform.py` starts it once for a whole test run, one process for all providers, and tells Terraform
where each listens (`TF_REATTACH_PROVIDERS`):

    python serve.py SCHEMA.json …

It prints one line of JSON, the socket by schema, and ends when its standard input does.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import msgpack  # type: ignore[import-untyped]
from tf.gen import tfplugin_pb2 as messages
from tf.gen import tfplugin_pb2_grpc as service

UNKNOWN = msgpack.ExtType(0, b"\x00")
"""How Terraform writes a value that is known only after applying."""

KNOWN: dict[str, dict[str, Any]] = {
    "aws_caller_identity": {"account_id": "111122223333", "arn": "arn:aws:iam::111122223333:user/plan"},
    "aws_partition": {"partition": "aws", "dns_suffix": "amazonaws.com"},
    "aws_region": {"name": "us-east-1", "region": "us-east-1"},
    "aws_availability_zones": {"names": ["us-east-1a", "us-east-1b", "us-east-1c"]},
}
"""What reading a data source answers, where a made-up name would not do."""

_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
_EMPTY = {"number": 0, "bool": False, "list": [], "set": [], "map": {}, "dynamic": None}


def message_of(schema: dict[str, Any]) -> Any:
    """The answer to GetProviderSchema."""
    answer = messages.GetProviderSchema.Response()
    answer.server_capabilities.plan_destroy = True
    answer.server_capabilities.get_provider_schema_optional = True
    _write_block(answer.provider.block, schema["provider"]["block"])
    for name, entry in schema["resource_schemas"].items():
        _write_block(answer.resource_schemas[name].block, entry["block"])
    for name, entry in schema["data_source_schemas"].items():
        _write_block(answer.data_source_schemas[name].block, entry["block"])
    return answer


def _write_block(message: Any, block: dict[str, Any]) -> None:
    message.SetInParent()  # an empty block is a block too
    for name, attribute in block["attributes"].items():
        _write_attribute(message.attributes.add(name=name), attribute)
    for name, nested in block["block_types"].items():
        below = message.block_types.add(
            type_name=name,
            nesting=_NESTING[nested["nesting_mode"]],
            min_items=nested.get("min_items", 0),
            max_items=nested.get("max_items", 0),
        )
        _write_block(below.block, nested["block"])


def _write_attribute(message: Any, attribute: dict[str, Any]) -> None:
    for flag in ("required", "optional", "computed"):
        setattr(message, flag, attribute.get(flag, False))
    if "type" in attribute:
        message.type = json.dumps(attribute["type"]).encode()
        return
    message.nested_type.nesting = _NESTING[attribute["nested_type"]["nesting_mode"]]
    for name, inner in attribute["nested_type"]["attributes"].items():
        _write_attribute(message.nested_type.attributes.add(name=name), inner)


def planned(value: dict[str, Any] | None, block: dict[str, Any], invent: Any) -> dict[str, Any] | None:
    """`value` with what `invent(name, attribute)` gives in each computed place that nobody set, blocks included."""
    if value is None:
        return None
    filled = dict(value)
    for name, attribute in block["attributes"].items():
        if filled.get(name) is None and attribute.get("computed"):
            filled[name] = invent(name, attribute)
        elif "nested_type" in attribute:
            shape = {"attributes": attribute["nested_type"]["attributes"], "block_types": {}}
            filled[name] = _planned_each(filled.get(name), attribute["nested_type"], shape, invent)
    for name, nested in block["block_types"].items():
        filled[name] = _planned_each(filled.get(name), nested, nested["block"], invent)
    return filled


def _planned_each(value: Any, nested: dict[str, Any], block: dict[str, Any], invent: Any) -> Any:
    if value is None or isinstance(value, msgpack.ExtType):
        return value
    if nested["nesting_mode"] == "single":
        return planned(value, block, invent)
    if nested["nesting_mode"] == "map":
        return {key: planned(one, block, invent) for key, one in value.items()}
    return [one if isinstance(one, msgpack.ExtType) else planned(one, block, invent) for one in value]


def unconfigurable(value: dict[str, Any], block: dict[str, Any]) -> Iterator[str]:
    """The attributes that a configuration sets though only the provider can: Terraform leaves that to providers."""
    for name, attribute in block["attributes"].items():
        if value.get(name) is not None and attribute.get("computed") and not attribute.get("optional"):
            yield name
    for name, nested in block["block_types"].items():
        below = value.get(name)
        for one in below if isinstance(below, list) else [below]:
            if isinstance(one, dict):
                yield from (f"{name}.{deeper}" for deeper in unconfigurable(one, nested["block"]))


def made_up(name: str, kind: Any) -> Any:
    """A value of the type `kind` for the attribute `name` of a data source."""
    if kind == "string":
        return name
    if isinstance(kind, list) and kind[0] == "object":
        return {inner: made_up(inner, its) for inner, its in kind[1].items()}
    return _EMPTY[kind if isinstance(kind, str) else kind[0]]


class SchemaProvider(service.ProviderServicer):  # type: ignore[misc]
    """Answers what Terraform asks while it validates, plans and tests."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self.message = message_of(schema)

    def GetProviderSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        return self.message

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        return messages.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        block = self.schema["resource_schemas"][request.type_name]["block"]
        return messages.ValidateResourceConfig.Response(diagnostics=_objections(request.config, block))

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        block = self.schema["data_source_schemas"][request.type_name]["block"]
        return messages.ValidateDataResourceConfig.Response(diagnostics=_objections(request.config, block))

    def ConfigureProvider(self, request: Any, context: Any) -> Any:  # noqa: N802
        return messages.ConfigureProvider.Response()

    def PlanResourceChange(self, request: Any, context: Any) -> Any:  # noqa: N802
        block = self.schema["resource_schemas"][request.type_name]["block"]
        value = planned(_unpacked(request.proposed_new_state), block, lambda name, attribute: UNKNOWN)
        return messages.PlanResourceChange.Response(planned_state=_packed(value))

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:  # noqa: N802
        why = "This provider knows the schema only. Run terraform init with the real provider to apply."
        refusal = _error(f"{request.type_name} was not made", why)
        return messages.ApplyResourceChange.Response(diagnostics=[refusal])

    def ReadDataSource(self, request: Any, context: Any) -> Any:  # noqa: N802
        block = self.schema["data_source_schemas"][request.type_name]["block"]
        known = KNOWN.get(request.type_name, {})

        def invent(name: str, attribute: dict[str, Any]) -> Any:
            return known[name] if name in known else made_up(name, attribute.get("type", "dynamic"))

        return messages.ReadDataSource.Response(
            state=_packed(planned(_unpacked(request.config), block, invent))
        )

    def StopProvider(self, request: Any, context: Any) -> Any:  # noqa: N802
        return messages.StopProvider.Response()


def _unpacked(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, raw=False, strict_map_key=False)


def _packed(value: Any) -> Any:
    return messages.DynamicValue(msgpack=msgpack.packb(value, use_bin_type=True))


def _objections(config: Any, block: dict[str, Any]) -> list[Any]:
    return [
        _error("Value for unconfigurable attribute", f'"{name}" is decided by the provider; remove it.')
        for name in unconfigurable(_unpacked(config), block)
    ]


def _error(summary: str, detail: str) -> Any:
    return messages.Diagnostic(severity=messages.Diagnostic.ERROR, summary=summary, detail=detail)


def main() -> None:
    """Serve each schema on a socket of its own until nobody holds the other end of standard input."""
    with tempfile.TemporaryDirectory() as folder:
        sockets, servers = {}, []
        for path in map(Path, sys.argv[1:]):
            server = grpc.server(futures.ThreadPoolExecutor(max_workers=10))
            service.add_ProviderServicer_to_server(SchemaProvider(json.loads(path.read_text())), server)
            sockets[path.stem] = f"{folder}/{path.stem}.sock"
            server.add_insecure_port(f"unix://{sockets[path.stem]}")
            server.start()
            servers.append(server)  # one that nothing refers to stops
        sys.stdout.write(f"{json.dumps(sockets)}\n")
        sys.stdout.flush()
        sys.stdin.read()
        for server in servers:
            server.stop(grace=None)


if __name__ == "__main__":
    main()
