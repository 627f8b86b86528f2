"""Owns what is refused before execution: syntax, validation against the schema, and variables.

The rules are graphql-core's; the wording and the extensions of the common refusals are those recorded from Shopify.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    Visitor,
    coerce_input_value,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_leaf_type,
    is_non_null_type,
    is_required_argument,
    parse,
    specified_rules,
    type_from_ast,
    validate,
    validate_input_value,
    value_from_ast,
    visit,
)
from graphql.language import Lexer, Source, TokenKind

from shopstack.simulator.server.errors import static_error

GLOBAL_ID: Final = re.compile(r"gid://shopify/\w+/.+", re.ASCII)

#: Rules that ``ShopifyWording`` reports itself.
_REWORDED: Final = frozenset(
    {
        "FieldsOnCorrectTypeRule",
        "ScalarLeafsRule",
        "ProvidedRequiredArgumentsRule",
        "KnownArgumentNamesRule",
    }
)
_OTHER_CODES: Final[Mapping[str, str]] = {
    "ValuesOfCorrectTypeRule": "argumentLiteralsIncompatible",
    "KnownTypeNamesRule": "undefinedType",
    "KnownFragmentNamesRule": "undefinedFragment",
    "NoUnusedFragmentsRule": "useAndDefineFragment",
    "NoUnusedVariablesRule": "variableNotUsed",
    "NoUndefinedVariablesRule": "variableNotDefined",
    "VariablesInAllowedPositionRule": "variableMismatch",
    "OverlappingFieldsCanBeMergedRule": "fieldConflict",
    "KnownDirectivesRule": "undefinedDirective",
}


class SyntaxRefusal(Exception):  # noqa: N818 - a refusal is what the caller answers with
    """A document that is no GraphQL."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

    def as_json(self) -> dict[str, Any]:
        """The error as the API gives it."""
        return {
            "message": f"{self.message} at [{self.line}, {self.column}]",
            "locations": [{"line": self.line, "column": self.column}],
            "extensions": {"code": "PARSE_ERROR"},
        }


def parse_document(text: str) -> DocumentNode:
    """The parsed document. Raises ``SyntaxRefusal``; at an early end it points at the last token, as Shopify does."""
    try:
        return parse(text)
    except GraphQLSyntaxError as error:
        position = next(iter(error.positions or ()), 0)
        if position >= len(text.rstrip()):
            line, column = last_token(text)
            raise SyntaxRefusal("syntax error, unexpected end of file", line, column) from error
        location = error.locations[0] if error.locations else None
        word = re.match(r"\w+|.", text[position:].lstrip() or " ", re.DOTALL)
        found = word.group() if word else ""
        line, column = (location.line, location.column) if location else (1, 1)
        raise SyntaxRefusal(f"syntax error, unexpected invalid token ({found!r})", line, column) from error


def last_token(text: str) -> tuple[int, int]:
    """Line and column of the last token of a text."""
    lexer, place = Lexer(Source(text)), (1, 1)
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        place = (token.line, token.column)
    return place


def validation_errors(schema: GraphQLSchema, document: DocumentNode) -> list[dict[str, Any]]:
    """Everything wrong with a document; empty when it may run."""
    info = TypeInfo(schema)
    wording = ShopifyWording(info)
    visit(document, TypeInfoVisitor(info, wording))
    if wording.errors:
        return wording.errors
    rules = [rule for rule in specified_rules if rule.__name__ not in _REWORDED]
    if not validate(schema, document, rules):
        return []
    for rule in rules:  # once more, to learn which rule it was
        found = validate(schema, document, [rule])
        if found:
            code = _OTHER_CODES.get(rule.__name__, rule.__name__.removesuffix("Rule"))
            return [generic_error(error, code) for error in found]
    return []


def generic_error(error: GraphQLError, code: str) -> dict[str, Any]:
    """A refusal for which no recorded wording exists."""
    node = error.nodes[0] if error.nodes else None
    return static_error(error.message, node, (), code)


class ShopifyWording(Visitor):
    """Reports unknown fields, missing selections, arguments and malformed global ids as Shopify words them."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.errors: list[dict[str, Any]] = []

    def enter_field(
        self, node: FieldNode, _key: Any, _parent: Any, _path: Any, ancestors: Sequence[Any]
    ) -> None:
        """Check that a field exists, has the selections it needs and the arguments it requires."""
        parent = self.info.get_parent_type()
        definition = self.info.get_field_def()
        path = [*names_of(ancestors), name_of(node)]
        name = node.name.value
        if parent is None:
            return
        if definition is None:
            message = f"Field '{name}' doesn't exist on type '{parent.name}'"
            self._add(message, node, path, "undefinedField", typeName=parent.name, fieldName=name)
            return
        returned = get_named_type(definition.type)
        self._check_selections(node, path, returned.name, leaf=is_leaf_type(returned))
        given = {argument.name.value for argument in node.arguments or ()}
        missing = [
            key for key, each in definition.args.items() if is_required_argument(each) and key not in given
        ]
        if missing:
            message = f"Field '{name}' is missing required arguments: {', '.join(missing)}"
            extensions = {"className": "Field", "name": name, "arguments": ", ".join(missing)}
            self._add(message, node, path, "missingRequiredArguments", **extensions)
        for argument in node.arguments or ():
            if argument.name.value not in definition.args:
                message = f"Field '{name}' doesn't accept argument '{argument.name.value}'"
                extensions = {"name": name, "typeName": "Field", "argumentName": argument.name.value}
                self._add(
                    message, argument, [*path, argument.name.value], "argumentNotAccepted", **extensions
                )

    def _check_selections(self, node: FieldNode, path: list[str], returned: str, *, leaf: bool) -> None:
        name = node.name.value
        if not leaf and not (node.selection_set and node.selection_set.selections):
            message = (
                f"Field must have selections (field '{name}' returns {returned} but has no selections. "
                f"Did you mean '{name} {{ ... }}'?)"
            )
        elif leaf and node.selection_set:
            message = (
                f"Selections can't be made on scalars (field '{name}' returns {returned} but has selections)"
            )
        else:
            return
        self._add(message, node, path, "selectionMismatch", nodeName=f"field '{name}'", typeName=returned)

    def enter_argument(
        self, node: ArgumentNode, _key: Any, _parent: Any, _path: Any, ancestors: Sequence[Any]
    ) -> None:
        """Check that a literal id is a global id."""
        expected = self.info.get_input_type()
        literal = node.value
        if (
            expected is None
            or get_named_type(expected).name != "ID"
            or not isinstance(literal, StringValueNode)
        ):
            return
        if not GLOBAL_ID.fullmatch(literal.value):
            field = next(each for each in reversed(ancestors) if isinstance(each, FieldNode))
            message = f"Invalid global id '{literal.value}'"
            path = [*names_of(ancestors), node.name.value]
            self._add(message, field, path, "argumentLiteralsIncompatible", typeName="CoercionError")

    def _add(self, message: str, node: Node, path: Sequence[str], code: str, **extensions: Any) -> None:
        self.errors.append(static_error(message, node, path, code, **extensions))


def names_of(ancestors: Sequence[Any]) -> list[str]:
    """The path of an error: operation or fragment, then the fields that lead to the place."""
    return [name for each in ancestors if (name := name_of(each))]


def name_of(node: Any) -> str:
    """A node's part of an error's path; empty for nodes that have none."""
    if isinstance(node, OperationDefinitionNode):
        return f"{node.operation.value} {node.name.value}" if node.name else node.operation.value
    if isinstance(node, FragmentDefinitionNode):
        return f"fragment {node.name.value}"
    if isinstance(node, FieldNode):
        return (node.alias or node.name).value
    if isinstance(node, InlineFragmentNode):
        return f"... on {node.type_condition.name.value}" if node.type_condition else "..."
    return ""


def coerced_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The variables in the types that the operation declares, and what is wrong with them."""
    values: dict[str, Any] = {}
    errors: list[dict[str, Any]] = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        kind = type_from_ast(schema, definition.type)
        if kind is None:
            continue
        if name not in given and definition.default_value is not None:
            values[name] = value_from_ast(definition.default_value, kind)  # type: ignore[arg-type]
            continue
        if name not in given and not is_non_null_type(kind):
            continue
        problems: list[dict[str, Any]] = []
        values[name] = coerced(given.get(name), kind, problems)  # type: ignore[arg-type]
        if problems:
            errors.append(invalid_variable(definition, str(kind), given.get(name), problems))
    return values, errors


def coerced(value: Any, kind: GraphQLInputType, problems: list[dict[str, Any]]) -> Any:
    """A variable's value in its type; what is wrong with it is added to ``problems``."""

    def problem(error: GraphQLError, path: list[str | int]) -> None:
        problems.append({"path": path, "explanation": explanation(error)})

    if value is None and is_non_null_type(kind):
        problems.append({"path": [], "explanation": "Expected value to not be null"})
        return None
    validate_input_value(value, kind, problem)
    if problems:
        return None
    inner = get_nullable_type(kind)
    if not is_composite_type(inner) and get_named_type(kind).name == "ID":
        given = [each for each in (value if isinstance(value, list) else [value]) if each is not None]
        problems.extend(
            {"path": [], "explanation": f"Invalid global id '{each}'"}
            for each in given
            if not GLOBAL_ID.fullmatch(str(each))
        )
    return coerce_input_value(value, kind)


def explanation(error: GraphQLError) -> str:
    """Why a value does not fit, in Shopify's words where they are known."""
    if "non-null" in error.message or "required" in error.message:
        return "Expected value to not be null"
    match = re.match(r"(Int|Float|String|Boolean|ID) cannot represent .*: (.*)", error.message)
    return f"Could not coerce value {match[2]} to {match[1]}" if match else error.message


def invalid_variable(
    definition: VariableDefinitionNode, kind: str, value: Any, problems: list[dict[str, Any]]
) -> dict[str, Any]:
    """The error of one variable."""
    message = f"Variable ${definition.variable.name.value} of type {kind} was provided invalid value"
    located = [
        f"{'.'.join(map(str, each['path']))} ({each['explanation']})" for each in problems if each["path"]
    ]
    error = static_error(f"{message} for {', '.join(located)}" if located else message, definition, (), "")
    del error["path"]
    error["extensions"] = {"code": "INVALID_VARIABLE", "value": value, "problems": problems}
    return error
