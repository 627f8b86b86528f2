"""Takes a Terraform provider's schema out of the npm package that its makers generate from it.

The registry that serves providers cannot be reached from every machine; npm can. `@cdktf/provider-NAME` is generated
from the provider's own schema and keeps all of it that a configuration can break: every resource and data source,
every argument with its type, whether it is required, optional or computed, and every block with its nesting. It
stands in the TypeScript source that each file's source map holds, as one comment an attribute:

    // warehouse_size - computed: false, optional: true, required: false

The result has the shape of `terraform providers schema -json`, without descriptions. What the package does not keep:
which attributes are sensitive, deprecated or write-only, conflicts between arguments, allowed values.

    python schemas.py PACKAGE_FOLDER OUT.json
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Type = str | list[Any]
"""A type as Terraform writes it in JSON: `"string"`, `["list", "string"]`, `["object", {...}]`."""

_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=data:application/json;base64,(\S+)", re.MULTILINE)
_TOP_LEVEL = re.compile(
    r"^export (?:(interface) (\w+)|class (\w+) extends cdktf\.(\w+)) .*\{\n", re.MULTILINE
)
_BLOCK_NOTE = re.compile(r"/\*\*\n\s+\* (\w+) block\n")
_ATTRIBUTE = re.compile(r"^  // (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n", re.MULTILINE)
_NESTED = re.compile(r"= new (\w+?)(List|Map|OutputReference)\(this, \"\w+\"(?:, (true|false))?\)")
_FIELD = re.compile(r"#(\w+) \w+#\w+\}.*?\n\s+readonly \w+(\??): (.+?);\n", re.DOTALL)
_KIND = re.compile(r'public static readonly tfResourceType = "(\w+)"')
_READ_AS = {
    "this.getStringAttribute(": "string",
    "this.getNumberAttribute(": "number",
    "this.getBooleanAttribute(": "bool",
    "cdktf.Fn.tolist(this.getListAttribute(": ["set", "string"],
    "this.getListAttribute(": ["list", "string"],
    "cdktf.Fn.tolist(this.getNumberListAttribute(": ["set", "number"],
    "this.getNumberListAttribute(": ["list", "number"],
    "this.getStringMapAttribute(": ["map", "string"],
    "this.getNumberMapAttribute(": ["map", "number"],
    "this.getBooleanMapAttribute(": ["map", "bool"],
    "this.getAnyMapAttribute(": ["map", "dynamic"],
    "new cdktf.StringMapList(": ["list", ["map", "string"]],
    "new cdktf.StringMap(": ["map", "string"],
    "new cdktf.NumberMap(": ["map", "number"],
    "new cdktf.BooleanMap(": ["map", "bool"],
    "new cdktf.AnyMap(": ["map", "dynamic"],
}
_HELD_AS = {"string": "string", "number": "number", "boolean": "bool"}


class UnknownFormError(Exception):
    """The package holds something that this reader does not know: read it before trusting the rest."""


@dataclass
class _Source:
    """The TypeScript of one resource: classes and interfaces by name, and the real blocks of each interface."""

    classes: dict[str, tuple[str, str]] = field(default_factory=dict)
    blocks: dict[str, set[str]] = field(default_factory=dict)
    interfaces: dict[str, str] = field(default_factory=dict)


def provider_schema(package: Path) -> dict[str, Any]:
    """The whole schema of a provider from its unpacked npm package.

    Returns `{"name", "version", "provider", "resource_schemas", "data_source_schemas"}`, each schema as
    `{"block": {"attributes": …, "block_types": …}}`. Raises UnknownFormError where the package is not as expected.
    """
    source, version = _origin(package)
    schema: dict[str, Any] = {"source": source, "version": version}
    schema |= {"provider": None, "resource_schemas": {}, "data_source_schemas": {}}
    for folder in sorted(path for path in (package / "lib").iterdir() if path.is_dir()):
        parsed = _parse(folder)
        for name, (base, body) in parsed.classes.items():
            if base == "TerraformProvider":
                schema["provider"] = {"block": _provider_block(parsed, f"{name}Config")}
            elif base in ("TerraformResource", "TerraformDataSource"):
                kind = _KIND.search(body)
                if kind is None:
                    raise UnknownFormError(f"{folder.name}: {name} does not say which resource it is")
                part = "resource_schemas" if base == "TerraformResource" else "data_source_schemas"
                schema[part][kind[1]] = {"block": _block(parsed, name, f"{name}Config")}
    if schema["provider"] is None:
        raise UnknownFormError(f"{package}: no class of the provider itself")
    return schema


def _origin(package: Path) -> tuple[str, str]:
    """Which provider the package was generated from: `("hashicorp/aws", "6.25.0")`."""
    said = json.loads((package / "package.json").read_text())["cdktf"]["provider"]
    source = said["name"].removeprefix("registry.terraform.io/")
    return source, said["version"]


def _parse(folder: Path) -> _Source:
    parsed = _Source()
    for path in sorted(folder.rglob("*.js")):
        text = _typescript(path)
        for head, body in _sections(_TOP_LEVEL, text):
            if head[1]:
                parsed.interfaces[head[2]] = body
                parsed.blocks[head[2]] = set(_BLOCK_NOTE.findall(body))
            else:
                parsed.classes[head[3]] = (head[4], body)
    return parsed


def _typescript(path: Path) -> str:
    found = _SOURCE_MAP.search(path.read_text())
    if found is None:
        return ""
    sources = json.loads(base64.b64decode(found[1]))["sourcesContent"]
    return "\n".join(sources)


def _provider_block(parsed: _Source, interface: str) -> dict[str, Any]:
    """The provider's own configuration: its classes say less, so its interfaces are read."""
    block: dict[str, Any] = {"attributes": {}, "block_types": {}}
    for name, optional, written in _FIELD.findall(parsed.interfaces[interface]):
        plain = written.replace(" | cdktf.IResolvable", "")
        nested = plain.removesuffix("[]")
        if name in parsed.blocks[interface]:
            inner: dict[str, Any] = {"nesting_mode": "list", "block": _provider_block(parsed, nested)}
            block["block_types"][name] = inner if plain.endswith("[]") else {**inner, "max_items": 1}
        elif name != "alias":
            flag = "optional" if optional else "required"
            block["attributes"][name] = {"type": _held_type(plain, f"{interface}.{name}"), flag: True}
    return block


def _sections(pattern: re.Pattern[str], text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each match with the text from its end to the next match."""
    heads = list(pattern.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=False):
        yield head, text[head.end() : end]


def _block(parsed: _Source, name: str, interface: str) -> dict[str, Any]:
    """The attributes and blocks that the class `name` declares."""
    block: dict[str, Any] = {"attributes": {}, "block_types": {}}
    real_blocks = parsed.blocks.get(interface, set())
    for attribute, flags, text in _attributes(parsed, name):
        nested = _NESTED.search(text)
        if nested is None or nested[1].startswith("cdktf"):
            block["attributes"][attribute] = {"type": _plain_type(name, attribute, text), **flags}
        elif attribute in real_blocks:
            block["block_types"][attribute] = _nested_block(parsed, nested, required="required" in flags)
        elif "computed" in flags:
            block["attributes"][attribute] = {"type": _nested_type(parsed, nested), **flags}
        else:
            inner = _block(parsed, f"{nested[1]}OutputReference", nested[1])
            shape = {"attributes": inner["attributes"], "nesting_mode": _nesting(parsed, nested)[0]}
            block["attributes"][attribute] = {"nested_type": shape, **flags}
    return block


def _attributes(parsed: _Source, name: str) -> Iterator[tuple[str, dict[str, bool], str]]:
    """Each attribute of a class: its name, its true flags, and the text up to the next one."""
    _, body = parsed.classes[name]
    for head, text in _sections(_ATTRIBUTE, body):
        flags = dict(zip(("computed", "optional", "required"), head.group(2, 3, 4), strict=True))
        yield head[1], {flag: True for flag, value in flags.items() if value == "true"}, text


def _plain_type(owner: str, attribute: str, text: str) -> Type:
    for written, kind in _READ_AS.items():
        if written in text:
            return kind  # type: ignore[return-value]
    held = re.search(r"private _\w+\?: (.+?);", text)
    if held is None and "this.interpolationForAttribute(" in text:
        return "dynamic"  # too large for the package to spell out
    if held is None:
        raise UnknownFormError(f"{owner}.{attribute}: no type found")
    return _held_type(held[1].replace(" | cdktf.IResolvable", ""), f"{owner}.{attribute}")


def _held_type(written: str, where: str) -> Type:
    """A TypeScript type, as the fields of a class are declared with."""
    if written in _HELD_AS:
        return _HELD_AS[written]
    if written.endswith("[]"):
        return ["list", _held_type(written[:-2].removeprefix("(").removesuffix(")"), where)]
    keyed = re.fullmatch(r"\{ \[key: string\]: (.+) \}", written)
    if keyed:
        return ["map", _held_type(keyed[1], where)]
    if written == "any":
        return "dynamic"
    raise UnknownFormError(f"{where}: unknown type {written}")


def _nesting(parsed: _Source, nested: re.Match[str]) -> tuple[str, bool]:
    """`(nesting mode, at most one)` of a nested block or attribute."""
    _, form, wraps_set = nested.groups()
    if form == "List":
        return ("set" if wraps_set == "true" else "list"), False
    if form == "Map":
        return "map", False
    _, body = parsed.classes[f"{nested[1]}OutputReference"]
    built = re.search(r"super\(terraformResource, terraformAttribute, (true|false)(, 0)?\)", body)
    if built is None:
        raise UnknownFormError(f"{nested[1]}: how it is nested cannot be read")
    if not built[2]:
        return "single", False
    return ("set" if built[1] == "true" else "list"), True


def _nested_block(parsed: _Source, nested: re.Match[str], *, required: bool) -> dict[str, Any]:
    mode, at_most_one = _nesting(parsed, nested)
    block: dict[str, Any] = {"nesting_mode": mode}
    block["block"] = _block(parsed, f"{nested[1]}OutputReference", nested[1])
    if mode == "set" and '"dynamic"' in json.dumps(block["block"]):
        block["nesting_mode"] = "list"  # Terraform allows no set of what the package does not spell out
    if required and mode != "single":
        block["min_items"] = 1
    if at_most_one:
        block["max_items"] = 1
    return block


def _nested_type(parsed: _Source, nested: re.Match[str]) -> Type:
    """A computed attribute of objects: its type, all the way down."""
    mode, _ = _nesting(parsed, nested)
    inner = _block(parsed, f"{nested[1]}OutputReference", nested[1])
    members = {name: _type_of(attribute) for name, attribute in inner["attributes"].items()}
    members |= {name: _type_of_block(block) for name, block in inner["block_types"].items()}
    return ["object", members] if mode == "single" else [mode, ["object", members]]


def _type_of(attribute: dict[str, Any]) -> Type:
    if "type" in attribute:
        plain: Type = attribute["type"]
        return plain
    shape = attribute["nested_type"]
    members = {name: _type_of(inner) for name, inner in shape["attributes"].items()}
    mode = shape["nesting_mode"]
    return ["object", members] if mode == "single" else [mode, ["object", members]]


def _type_of_block(block: dict[str, Any]) -> Type:
    inner = block["block"]
    members = {name: _type_of(attribute) for name, attribute in inner["attributes"].items()}
    members |= {name: _type_of_block(deeper) for name, deeper in inner["block_types"].items()}
    mode = block["nesting_mode"]
    return ["object", members] if mode == "single" else [mode, ["object", members]]


def main() -> None:
    """Write the schema of the package in the first argument to the file in the second."""
    package, out = map(Path, sys.argv[1:3])
    schema = provider_schema(package)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(schema, separators=(",", ":"), sort_keys=True))


if __name__ == "__main__":
    main()
