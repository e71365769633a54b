"""Which column of a table is which fact, and how its texts are read: found once, and used for every table alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Final

import narwhals as nw
from attrs import frozen

from .. import checks
from ..catalogue import check_language, ui
from ..errors import InvalidValue
from ..outline import Block, Paragraph, Report, Table
from ..plain import Plain
from .cells import READ, DayOrder, tidy
from .columns import BLANKS, INPUTS, INSTEAD, OF_THE_CUSTOMER, SHOWN, TEXTS, Input, Kind
from .parts import arrow_columns, arrow_types

__all__ = ["ColumnMapping", "MappedColumn", "judged_as_read", "type_read", "types_read"]

_FACTS: Final = {spec.name: spec for spec in (*INPUTS, *INSTEAD.values(), *SHOWN, *OF_THE_CUSTOMER)}
_JUDGED: Final = (*INPUTS, *INSTEAD.values())


def _check_fact(field: str, value: object) -> None:
    checks.text(field, value)
    if value not in _FACTS:
        raise InvalidValue(field, value, f"one of {', '.join(_FACTS)}")


@frozen(kw_only=True)
class MappedColumn(Plain):
    """A column that is read: the fact that it holds, and how its days are written where they are texts.

    `days`: the order of day and month where the year comes last; None: no text of the column needs one, and one that
    does is refused. `decided_by`: the text of the column that decides the order; None: it was given, or is not needed.
    `given`: whether the caller named the column; else its header did.
    """

    fact: str
    source: str
    days: DayOrder | None = None
    decided_by: str | None = None
    given: bool = False

    _checks: ClassVar = {
        "fact": _check_fact,
        "source": checks.text,
        "days": checks.optional(DayOrder.check),
        "decided_by": checks.optional(checks.name),
        "given": checks.flag,
    }

    def __attrs_post_init__(self) -> None:
        self._check_fields()

    @property
    def spec(self) -> Input:
        """The row of its fact."""
        return _FACTS[self.fact]


@frozen(kw_only=True)
class ColumnMapping(Report, Plain):
    """Which column is which fact, and how its texts are read: for `assess`, `values_of` and `portfolio_of`.

    `frames.recognise` makes it. `str(mapping)` says what was recognised, `to_text("ja")` in Japanese; `to_dict` keeps
    it for the next export of the same kind. `unread` are the columns that no fact is read from. Raises `InvalidType` or
    `InvalidValue`: no columns, a fact twice.
    """

    columns: tuple[MappedColumn, ...]
    unread: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        for name, wanted in (("columns", MappedColumn), ("unread", str)):
            held = getattr(self, name)
            checks.instance(name, held, tuple, f"a tuple of {wanted.__name__}")
            for n, one in enumerate(held):
                checks.instance(f"{name}[{n}]", one, wanted)
        if len(self.sources) < len(self.columns) or not self.columns:
            raise InvalidValue("columns", tuple(c.fact for c in self.columns), "each fact once, at least one")

    @property
    def sources(self) -> dict[str, str]:
        """The column of each fact."""
        return {column.fact: column.source for column in self.columns}

    def _blocks(self, lang: str) -> list[Block]:
        check_language(lang)
        rows = tuple((c.source, c.fact, _how(c, lang)) for c in self.columns)
        headers = tuple(ui(word, lang) for word in ("mapped_column", "mapped_fact", "mapped_how"))
        blocks: list[Block] = [Table(headers, rows)]
        if self.unread:
            unread = ui("separator", lang).join(self.unread)
            blocks.append(Paragraph(ui("mapped_unread", lang, columns=unread)))
        return blocks


def _how(column: MappedColumn, lang: str) -> str:
    said = [ui("mapped_given" if column.given else "mapped_header", lang)]
    if column.days is not None:
        key = "mapped_days" if column.decided_by is None else "mapped_days_decided"
        said.append(ui(key, lang, order=column.days, text=column.decided_by))
    return ui("separator", lang).join(said)


def type_read(spec: Input, dtype: Any, engine: nw.Implementation) -> Any:
    """Return the type of a column once its texts are read."""
    readable = dtype in TEXTS and spec.kind in READ and engine is not nw.Implementation.DUCKDB
    return _holds(spec.kind, nw) if readable else dtype


def types_read(
    schema: Mapping[str, Any], mapping: ColumnMapping | None, engine: nw.Implementation
) -> dict[str, Any]:
    """Return the types of columns once the texts of those that are mapped are read."""
    mapped = () if mapping is None else (one for one in mapping.columns if one.source in schema)
    return {**schema, **{one.source: type_read(one.spec, schema[one.source], engine) for one in mapped}}


def _holds(kind: Kind, lib: Any) -> Any:
    if kind is Kind.INSTANT:
        return lib.Datetime("us", "UTC")
    return lib.Date() if kind is Kind.DAY else lib.Int64()


def judged_as_read(frame: Any, judging: Callable[[Any], tuple[Any, Any]], mapping: ColumnMapping) -> Any:
    """Return what is judged of a frame whose texts are read before; its own columns stay as they are."""
    engine = frame.implementation
    if engine is nw.Implementation.PANDAS:
        native = frame.to_native()
        names = [column.source for column in mapping.columns if column.spec in _JUDGED]
        table = nw.from_dict(arrow_columns(frame, names), backend="pyarrow")
        texts = _texts(table, mapping, nw)
        read = arrow_types(table.with_columns(**texts).to_native(), frame)
        judged, reasons = judging(nw.from_native(native.assign(**{name: read[name].array for name in texts})))
        return nw.from_native(judged.to_native().assign(**{name: native[name] for name in texts})), reasons
    polars = engine is nw.Implementation.POLARS
    lib: Any = nw.get_native_namespace(frame) if polars else nw
    texts = _texts(frame, mapping, lib)
    mark = "own "
    while any(name.startswith(mark) for name in frame.collect_schema().names()):
        mark += "own "
    asked = frame.to_native() if polars else frame
    kept = asked.with_columns(**{mark + name: lib.col(name) for name in texts})
    judged, reasons = judging(nw.from_native(kept.with_columns(**texts)))
    own = judged.with_columns(**{name: nw.col(mark + name) for name in texts})
    return own.drop([mark + name for name in texts]), reasons


def _texts(frame: Any, mapping: ColumnMapping, lib: Any) -> dict[str, Any]:
    """Return how each column of texts that holds no texts is read; of the others, blanks are taken away."""
    schema = frame.collect_schema()
    found: dict[str, Any] = {}
    for column in mapping.columns:
        spec, name = column.spec, column.source
        dtype = schema.get(name)
        if dtype not in TEXTS or spec not in _JUDGED:
            continue
        if spec.kind is Kind.TEXT:
            text = lib.col(name).cast(lib.String).str.strip_chars(BLANKS)
            found[name] = lib.when(text != "").then(text)
        elif type_read(spec, dtype, frame.implementation) != dtype:
            read = partial(_read, kind=spec.kind, order=column.days)
            # Polars may be lazy, and calls when it comes to it.
            found[name] = (
                read(frame[name])
                if lib is nw
                else lib.col(name).map_batches(read, return_dtype=_holds(spec.kind, lib), is_elementwise=True)
            )
    return found


def _read(texts: Any, *, kind: Kind, order: DayOrder | None) -> Any:
    """Return a series of texts as what they stand for: null for a blank, and what is refused for what it is not."""
    how = READ[kind]
    column: Any = nw.from_native(texts, series_only=True)  # Polars hands over its own
    known: dict[str | None, Any] = {None: None}
    for text in column.unique().to_list():
        if text is not None:
            said = tidy(text)
            value = how.read(said, order) if said else None
            known[text] = how.refused if value is None and said else value
    values = [known[text] for text in column.to_list()]
    read = nw.new_series(column.name, values, _holds(kind, nw), backend=column.implementation)
    return read if texts is column else read.to_native()
