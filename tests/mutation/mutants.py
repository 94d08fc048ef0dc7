"""Which small faults a module can have: each a change of one node of its syntax tree.

Left alone is what no test could notice or what is no rule: annotations, docstrings, names given to type variables, and
the prose of exceptions.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_ORDER: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
_NAMING = {"NewType", "TypeVar"}
_PLAIN_TESTS = (ast.Name, ast.Attribute, ast.Call, ast.NamedExpr, ast.Subscript)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault.

    Attributes:
        module: Dotted name.
        function: Qualified name of what it lies in, or ``<module>``.
        line: Where its statement begins, from 1.
        last_line: Where it ends.
        place: The statement's first line as it is written; with ``change`` it names the fault for good.
        change: What became what.
        number: Which of several with the same ``place`` and ``change``, from 0.
        node: Position in the walk over the module's tree, and of the change among those of its node.
    """

    module: str
    function: str
    line: int
    last_line: int
    place: str
    change: str
    number: int
    node: tuple[int, int]

    @property
    def key(self) -> str:
        """Its name, which does not change when lines above it come or go."""
        return f"{self.module} | {self.function} | {self.place} | {self.change} | {self.number}"


Change = tuple[str, Callable[[], None]]


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Yield every fault of a module."""
    tree = ast.parse(source)
    lines = source.splitlines()
    seen: dict[tuple[str, str, str], int] = {}
    for index, spot in enumerate(_spots(tree)):
        for position, (change, _) in enumerate(_changes(spot)):
            place = lines[spot.statement.lineno - 1].strip()
            name = (spot.function, place, change)
            seen[name] = seen.get(name, -1) + 1
            last = _last_line(spot.statement)
            yield Mutant(
                module, spot.function, spot.statement.lineno, last, place, change, seen[name], (index, position)
            )


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """Return the module's tree with the fault in it."""
    tree = ast.parse(source)
    index, position = mutant.node
    spot = _spots(tree)[index]
    list(_changes(spot))[position][1]()
    return ast.fix_missing_locations(tree)


@dataclass(frozen=True, slots=True)
class _Spot:
    node: ast.AST
    parent: ast.AST
    statement: ast.stmt
    function: str
    in_raise: bool

    def replace(self, new: ast.AST) -> None:
        for name, value in ast.iter_fields(self.parent):
            if value is self.node:
                setattr(self.parent, name, new)
            elif isinstance(value, list) and any(item is self.node for item in value):
                value[[item is self.node for item in value].index(True)] = new


def _spots(tree: ast.Module) -> list[_Spot]:
    """Return the nodes that may change, in the order of the text."""
    found: list[_Spot] = []

    def walk(node: ast.AST, parent: ast.AST, statement: ast.stmt, names: tuple[str, ...], in_raise: bool) -> None:
        if isinstance(node, ast.stmt):
            statement, in_raise = node, isinstance(node, ast.Raise)
        found.append(_Spot(node, parent, statement, ".".join(names) or "<module>", in_raise))
        inner = (*names, node.name) if isinstance(node, ast.FunctionDef | ast.ClassDef) else names
        for child in _children(node):
            walk(child, node, statement, inner, in_raise)

    for top in tree.body:
        walk(top, tree, top, (), False)
    return found


def _children(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NAMING:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns"}:
            continue
        yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, ast.AST))


def _last_line(statement: ast.stmt) -> int:
    """Return the last line of a statement, of a compound one that of its head."""
    body = getattr(statement, "body", None)
    if body:
        return max(statement.lineno, body[0].lineno - 1)
    return statement.end_lineno or statement.lineno


def _changes(spot: _Spot) -> Iterator[Change]:
    """Yield what can be done to a node: words for people, and the deed."""
    if isinstance(spot.node, ast.expr | ast.comprehension):
        yield from _in_expressions(spot)
    else:
        yield from _in_statements(spot)
    yield from _tests_negated(spot.node)


def _in_expressions(spot: _Spot) -> Iterator[Change]:
    match spot.node:
        case ast.Compare() as compare:
            yield from _comparisons(compare)
        case ast.BoolOp() as chain:
            yield from _chains(chain)
        case ast.UnaryOp(op=ast.Not() | ast.USub() as op, operand=operand):
            yield f"without {type(op).__name__}", lambda: spot.replace(operand)
        case ast.BinOp() as operation if not _is_type_union(operation):
            yield from _arithmetic(operation)
        case ast.Constant() as constant:
            yield from _constants(constant, spot)
        case ast.comprehension() as loop:
            for number in range(len(loop.ifs)):
                yield f"without filter {number}", lambda number=number: loop.ifs.pop(number)


def _in_statements(spot: _Spot) -> Iterator[Change]:
    match spot.node:
        case ast.AugAssign() as operation:
            yield from _arithmetic(operation)
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield "return None", lambda: spot.replace(ast.Return(ast.Constant(None)))
        case ast.Raise() | ast.Expr(value=ast.Call()):
            yield "statement left out", lambda: spot.replace(ast.Pass())
        case ast.Break():
            yield "break to continue", lambda: spot.replace(ast.Continue())
        case ast.Continue():
            yield "continue to break", lambda: spot.replace(ast.Break())
        case ast.ExceptHandler() as handler:
            yield "catches nothing", lambda: setattr(handler, "type", ast.Tuple([], ast.Load()))
        case ast.Match() as choice if len(choice.cases) > 1:
            for number in range(len(choice.cases)):
                yield f"without case {number}", lambda number=number: choice.cases.pop(number)


def _tests_negated(node: ast.AST) -> Iterator[Change]:
    # Comparisons and chains have changes of their own, which negate them too.
    if isinstance(node, ast.If | ast.IfExp | ast.While) and isinstance(node.test, _PLAIN_TESTS):
        yield "test negated", lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))


def _arithmetic(operation: ast.BinOp | ast.AugAssign) -> Iterator[Change]:
    other = _ARITHMETIC[type(operation.op)]
    yield f"{type(operation.op).__name__} to {other.__name__}", lambda: setattr(operation, "op", other())


def _comparisons(compare: ast.Compare) -> Iterator[Change]:
    for number, op in enumerate(compare.ops):
        for other in _ORDER[type(op)]:
            words = f"{type(op).__name__} {number} to {other.__name__}"
            yield words, lambda number=number, other=other: compare.ops.__setitem__(number, other())


def _chains(chain: ast.BoolOp) -> Iterator[Change]:
    other = ast.Or if isinstance(chain.op, ast.And) else ast.And
    yield f"{type(chain.op).__name__} to {other.__name__}", lambda: setattr(chain, "op", other())
    for number in range(len(chain.values)):
        yield f"without operand {number}", lambda number=number: _drop(chain, number)


def _drop(chain: ast.BoolOp, number: int) -> None:
    # A chain of one operand would not compile: what stands for the one left out changes nothing of the rest.
    chain.values[number] = ast.Constant(isinstance(chain.op, ast.And))


def _constants(constant: ast.Constant, spot: _Spot) -> Iterator[Change]:
    # A text changes inside, so that a test which looks for it in a longer one does not find it either.
    match constant.value:
        case bool(value):
            yield f"{value} to {not value}", lambda: setattr(constant, "value", not value)
        case int(value):
            yield f"{value} to {value + 1}", lambda: setattr(constant, "value", value + 1)
        case str(value) if not (spot.in_raise and " " in value):
            yield f"{value!r} to another text", lambda: setattr(constant, "value", f"{value[:1]}x{value[1:]}")
        case bytes(value):
            yield f"{value!r} to other bytes", lambda: setattr(constant, "value", value[:1] + b"x" + value[1:])
        case _:
            pass


def _is_type_union(operation: ast.BinOp) -> bool:
    """Whether ``A | B`` joins types: then it is an annotation wherever it stands."""
    if not isinstance(operation.op, ast.BitOr):
        return False
    sides = [operation.left, operation.right]
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    return any(name[:1].isupper() and not name.isupper() for name in names)
