"""What a query of the SQL console may say: one SELECT of known parts, by the tree that the engine made of it. Pure.

Which rows it may read is not decided here: the engine holds that (`store/access/users.xml`). This keeps away what the
engine has no right for: functions that read files or wait on purpose, its own system tables, settings, where an answer
is written. All of it by lists of what is allowed: what is new in the engine is refused until it is listed.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from trackway.errors import RequestRefused

NODES = frozenset(
    [
        "SelectWithUnionQuery",
        "SelectIntersectExceptQuery",
        "SelectQuery",
        "ExpressionList",
        "Subquery",
        "WithElement",
        "TablesInSelectQuery",
        "TablesInSelectQueryElement",
        "TableExpression",
        "TableIdentifier",
        "TableJoin",
        "ArrayJoin",
        "SampleRatio",
        "Identifier",
        "Literal",
        "Function",
        "DataType",
        "OrderByElement",
        "InterpolateElement",
        "WindowListElement",
        "WindowDefinition",
        "Asterisk",
        "QualifiedAsterisk",
        "ColumnsRegexpMatcher",
        "ColumnsListMatcher",
        "QualifiedColumnsRegexpMatcher",
        "QualifiedColumnsListMatcher",
        "ColumnsTransformerList",
        "ColumnsApplyTransformer",
        "ColumnsExceptTransformer",
        "ColumnsReplaceTransformer",
        "ColumnsReplaceTransformerReplacement",
    ]
)
QUERIES = frozenset({"SelectWithUnionQuery", "SelectIntersectExceptQuery"})
OUTPUT = ("out_file", "format_ast", "compression", "compression_level")
TABLE_FUNCTIONS = frozenset({"numbers", "generate_series", "generateseries", "values"})
SYSTEM = frozenset({"system", "information_schema"})
IN_FUNCTIONS = frozenset(
    {"in", "notin", "globalin", "globalnotin", "nullin", "notnullin", "globalnullin", "globalnotnullin"}
)

CATEGORIES = frozenset(
    {
        "Arithmetic", "Arrays", "Bit", "Bitmap", "Comparison", "Conditional", "Dates and Times", "Hash", "IP Address",
        "JSON", "Logical", "Map", "Mathematical", "Null", "Random Number", "Rounding", "String", "String Replacement",
        "String Search", "String Splitting", "Time Window", "Tuple", "Type Conversion", "URL", "UUID",
    }
)  # fmt: skip
"""The engine's own kinds of functions that may be used."""
BY_NAME = frozenset(
    """
    lambda exists notexists grouping untuple case caseWithExpression caseWithoutExpression transform identity toTypeName
    isNaN isFinite isInfinite ifNotFinite hex unhex bin unbin char formatReadableSize formatReadableQuantity
    formatReadableTimeDelta formatReadableDecimalSize parseTimeDelta finalizeAggregation initializeAggregation
    runningAccumulate neighbor runningDifference rowNumberInAllBlocks bar
    """.lower().split()
)
"""Single ones beside, and what only the parser knows."""
HEAVY = frozenset(
    """
    editDistance editDistanceUTF8 damerauLevenshteinDistance jaroSimilarity jaroWinklerSimilarity stringJaccardIndex
    stringJaccardIndexUTF8 arrayLevenshteinDistance arrayLevenshteinDistanceWeighted arraySimilarity
    arrayAutocorrelation arrayFold multiMatchAny multiMatchAnyIndex multiMatchAllIndices multiFuzzyMatchAny
    multiFuzzyMatchAnyIndex multiFuzzyMatchAllIndices levenshteinDistance levenshteinDistanceUTF8 byteHammingDistance
    compareSubstrings aggThrow
    estimateCompressionRatio hierarchicalKMeans flameGraph
    """.lower().split()
)
"""What can take minutes within one block of rows: the engine looks at its clock only between blocks."""


class Functions(NamedTuple):
    """The functions that may be used, in lower case: plain ones, and aggregates, whose names combinators may follow."""

    plain: frozenset[str]
    aggregates: frozenset[str]
    combinators: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether a function may be used."""
        return (low := name.lower()) in self.plain or self._is_aggregate(low)

    def _is_aggregate(self, name: str) -> bool:
        return name in self.aggregates or any(
            name.endswith(end) and len(name) > len(end) and self._is_aggregate(name[: -len(end)])
            for end in self.combinators
        )


def allowed_functions(rows: Iterable[Mapping[str, Any]], combinators: Iterable[str]) -> Functions:
    """What may be used, out of the engine's own list (`name`, `alias_to`, `is_aggregate`, `categories`)."""
    listed = {str(row["name"]): row for row in rows}
    plain, aggregates = set[str](BY_NAME), set[str]()
    for name, row in listed.items():
        true = listed.get(str(row["alias_to"]) or name, row)
        if {name.lower(), str(true["name"]).lower()} & HEAVY:
            continue
        if true["is_aggregate"]:
            aggregates.add(name.lower())
        elif CATEGORIES.intersection(part.strip() for part in str(true["categories"]).split(",")):
            plain.add(name.lower())
    return Functions(frozenset(plain), frozenset(aggregates), tuple(one.lower() for one in combinators))


def check_tree(tree: Mapping[str, Any], functions: Functions) -> None:
    """Raise RequestRefused(query_invalid) for anything but one SELECT of what is listed above.

    `tree` is what the engine's `parseQueryToJSON` gives.
    """
    if tree.get("type") not in QUERIES:
        raise refused("Only one SELECT is taken here; nothing can be changed from the console.")
    for node in nodes(tree):
        check_node(node, functions)


def nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of the tree that is a part of the query."""
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(cast("list[Any]", one))
        elif isinstance(one, dict):
            node = cast("dict[str, Any]", one)
            if "type" in node:
                yield node
            waiting.extend(node.values())


def check_node(node: Mapping[str, Any], functions: Functions) -> None:
    """Raise RequestRefused(query_invalid) where this part may not stand."""
    kind = str(node["type"])
    if kind == "SetQuery":
        raise refused("SETTINGS cannot be given here; limits are the server's.")
    if kind == "QueryParameter":
        raise refused("Parameters in braces cannot be given here; write the value.")
    if kind not in NODES:
        raise refused(f"{kind} cannot be used here.")
    if any(node.get(name) for name in OUTPUT):
        raise refused("FORMAT and INTO OUTFILE cannot be given here; choose the form of the answer beside the query.")
    if kind in ("TableIdentifier", "Identifier"):
        check_name(kind, node)
    elif kind == "TableExpression" and (function := node.get("table_function")):
        if str(function["name"]).lower() not in TABLE_FUNCTIONS:
            raise refused(f"The table function {function['name']} cannot be used here.")
    elif kind == "Function":
        check_function(node, functions)
    elif kind == "ColumnsApplyTransformer" and node.get("func_name"):
        check_named(str(node["func_name"]), functions)


def check_name(kind: str, node: Mapping[str, Any]) -> None:
    """A table is named alone, so that it can only be one of the console's or one that the query itself makes."""
    parts = [str(part) for part in node.get("name_parts") or (node["name"],)]
    if kind == "TableIdentifier" and len(parts) > 1:
        raise refused(f"There is no table {'.'.join(parts)} here; tables are named alone: events, customers, sessions.")
    if len(parts) > 1 and parts[0].lower() in SYSTEM:
        raise refused(f"{'.'.join(parts)} cannot be read here.")


def check_function(node: Mapping[str, Any], functions: Functions) -> None:
    """A function that may be used; behind IN, no table of another database."""
    name = str(node["name"])
    if name.lower() not in TABLE_FUNCTIONS:
        check_named(name, functions)
    if name.lower() in IN_FUNCTIONS:
        arguments = cast("dict[str, list[dict[str, Any]]]", node.get("arguments") or {})
        for behind in arguments.get("children", [])[1:]:
            if behind["type"] == "Identifier" and len(behind.get("name_parts") or ()) > 1:
                raise refused("Behind IN stands a list, a table named alone, or a SELECT in brackets.")


def check_named(name: str, functions: Functions) -> None:
    """Raise RequestRefused(query_invalid) for a function that may not be used."""
    if not functions.has(name):
        raise refused(f"The function {name} is not known, or cannot be used here.")


def refused(message: str) -> RequestRefused:
    """The refusal of a query."""
    return RequestRefused("query_invalid", message, "query")
