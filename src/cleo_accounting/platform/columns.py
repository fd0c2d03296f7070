"""Find out which column of a file holds which field, and what kind of table the file is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleo_accounting.errors import Invalid
from cleo_accounting.platform.forms import COLUMNS, FORMS, NUMBER_FROM, PAYABLES, Form, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Layout:
    """What a person specified about the columns and the format of a file.

    `kind`: the name of a form. `dated`: whether a date was given for rows without one.
    """

    mapped: Mapping[str, Sequence[str]] = field(default_factory=dict)
    number_from: Sequence[str] = ()
    dated: bool = False
    encoding: str | None = None
    sheet: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """The cells in which the fields of a form are, and the names of the file's columns."""

    form: Form
    at: Mapping[str, tuple[int, ...]]
    names: tuple[str, ...]
    recognised: tuple[str, ...] = ()  # the fields found by a usual name instead of ours

    @property
    def width(self) -> int:
        """The minimum number of cells in a row: up to the last column that has a name."""
        return max((at for at, name in enumerate(self.names, 1) if name), default=0)

    @property
    def signs(self) -> list[str]:
        """The columns with names of ours that identify the form."""
        return [name for name in self.form.signs if name in self.at and name not in self.recognised]

    def called(self, field: str) -> str:
        """Return the name of a field's column in the file."""
        places = self.at.get(field, ())
        return " + ".join(f"“{self.names[at]}”" for at in places) or field

    def unused(self) -> list[str]:
        """Return the names of columns that are not read."""
        used = {at for places in self.at.values() for at in places}
        return [name for at, name in enumerate(self.names) if name and at not in used]

    def said(self) -> list[str]:
        """Return a note on the columns that were recognised by a usual name."""
        if not self.recognised:
            return []
        told = ", ".join(f"{field} from {self.called(field)}" for field in self.recognised)
        return [f"Columns taken by their usual names: {told}; --map says otherwise."]


def forms(layout: Layout) -> list[Form]:
    """Return the forms that a file may have: the named one, or those that have all mapped columns.

    Raises:
        Invalid: a mapping names no field of ours, or several columns where they cannot be joined.
    """
    if layout.kind is not None and layout.kind not in FORMS:
        raise Invalid(f"--type takes {' or '.join(FORMS)}, not “{layout.kind}”.")
    among = [FORMS[layout.kind]] if layout.kind else list(FORMS.values())
    fitting = [form for form in among if set(layout.mapped) <= set(form.columns)]
    if not fitting:
        there = among[0].columns if layout.kind else COLUMNS
        if unknown := [name for name in layout.mapped if name not in there]:
            raise Invalid(f"There is no column {', '.join(unknown)}; there are {', '.join(there)}.")
        raise Invalid(
            f"No table has all of the columns {', '.join(layout.mapped)}: "
            + "; ".join(f"{form.name} have {', '.join(form.columns)}" for form in among)
            + "."
        )
    for name, theirs in layout.mapped.items():
        joined = [form for form in fitting if name in form.joined]
        if len(theirs) > 1 and not joined:
            may = ", ".join(fitting[0].joined)
            raise Invalid(f"{name} takes one column; several can be joined for {may}.")
    return fitting


def place(names: Sequence[str], form: Form, layout: Layout) -> Places:
    """Locate our fields: by the mapping, then by our own names, then by the usual names."""
    mapped, number_from = layout.mapped, layout.number_from
    plainly = [plain(name) for name in names]
    at: dict[str, tuple[int, ...]] = {}
    recognised: list[str] = []
    for field_ in form.columns:
        if field_ in mapped:
            found = [names.index(theirs) for theirs in mapped[field_] if theirs in names]
        else:
            taken = {names.index(one) for given in mapped.values() for one in given if one in names}
            own = [where for where, name in enumerate(plainly) if name == field_.replace("_", " ")]
            usual = [
                where
                for where, name in enumerate(plainly)
                if name in form.usual[field_] and where not in taken
            ]
            found = own or (usual if len(usual) == 1 else [])
            if not own and found:
                recognised.append(field_)
        if found:
            at[field_] = tuple(found)
    if number_from:
        at[NUMBER_FROM] = tuple(names.index(theirs) for theirs in number_from if theirs in names)
        at.pop(form.known_by[-1], None)
        recognised = [one for one in recognised if one != form.known_by[-1]]
    return Places(form, at, tuple(names), tuple(recognised))


def choose(found: Sequence[Places], layout: Layout, *, file: str) -> tuple[Places, list[str]]:
    """Choose the form of a file by the columns that only one form has, with a note on the choice.

    Raises:
        Invalid: it has columns of several forms, and nothing says which.
    """
    signed = [one for one in found if one.signs]
    whole = [one for one in signed if not _missing(one, layout)]
    if len(found) == 1:
        return found[0], []
    if len(signed) > 1 and len(whole) != 1:
        told = " and ".join(
            f"{_columns(one, one.signs)} as a table of {one.form.name} has" for one in signed
        )
        options = " or ".join(f"--type {one.form.name}" for one in signed)
        raise Invalid(f"{file} has {told}: say {options}.")
    chosen = next(iter(whole or signed), None)
    if chosen is None:
        return next(one for one in found if one.form is PAYABLES), _perhaps(found)
    said = (
        f"Each row is read as {chosen.form.row}, because of the column"
        f" {_columns(chosen, chosen.signs[:1])}; --type says otherwise."
    )
    return chosen, [] if chosen.form is PAYABLES else [said]


def _columns(places: Places, fields: Sequence[str]) -> str:
    return ", ".join(places.called(name) for name in fields)


def _perhaps(found: Sequence[Places]) -> list[str]:
    """Return notes on other forms that the file may have, by columns with usual names only."""
    said: list[str] = []
    taken = next(set(one.at.values()) for one in found if one.form is PAYABLES)
    for one in found:
        known = [name for name in one.form.known_by if one.at.get(name) not in {None, *taken}]
        if one.form is not PAYABLES and known:
            said.append(
                f"Each row is read as {PAYABLES.row}; if {_columns(one, known)} means that it is"
                f" {one.form.row}: --type {one.form.name}."
            )
    return said


def demand(places: Places, layout: Layout, *, file: str) -> None:
    """Check that a file has the required columns.

    Raises:
        Invalid: it does not; names the columns that it has, and the option that helps.
    """
    there = ", ".join(name for name in places.names if name)
    mapped = layout.mapped
    wanted = [theirs for given in mapped.values() for theirs in given] + list(layout.number_from)
    if absent := [name for name in wanted if name not in places.names]:
        raise Invalid(f"{file} has no column {', '.join(absent)}; it has {there}.")
    counted = Counter(places.names)
    twice = [name for name in dict.fromkeys(wanted) if counted[name] > 1]
    twice += [
        places.names[at[0]]
        for name, at in places.at.items()
        if len(at) > 1 and name not in mapped and name != NUMBER_FROM
    ]
    if twice:
        raise Invalid(f"{file} has two columns named {', '.join(twice)}: rename one of them.")
    if missing := _missing(places, layout):
        raise Invalid(
            f"{file} has no column {', '.join(missing)}: say which of"
            f" {there} it is, such as --map {missing[0].split()[0]}=…{_help(places, missing)}"
            + _otherwise(places, layout)
        )


def _missing(places: Places, layout: Layout) -> list[str]:
    """Return the required columns that nobody gave, as a message names them."""
    form = places.form
    given = {*places.at, *(form.known_by[-1:] if layout.number_from else ())}
    given |= set(form.dated_by) if layout.dated else set()
    missing = [name for name in form.needed if name not in given]
    if not any(given.issuperset(one) for one in form.either):
        missing.append(" or ".join(" and ".join(one) for one in form.either))
    return missing


def _otherwise(places: Places, layout: Layout) -> str:
    """Return how to have the file read as another kind of table."""
    if layout.kind is not None or places.form is PAYABLES:
        return ""
    others = " or ".join(f"--type {name}" for name in FORMS if name != places.form.name)
    return f" It is read as a table of {places.form.name}; {others} says otherwise."


def _help(places: Places, missing: Sequence[str]) -> str:
    told = ""
    for name in missing:
        usual = [
            theirs
            for theirs in places.names
            if plain(theirs) in places.form.usual.get(name.split()[0], frozenset())
        ]
        if len(usual) > 1:
            told += f" ({name} may be {' or '.join(usual)}.)"
    if places.form.known_by[-1] in missing:
        told += " A file without numbers: --number-from COLUMN makes them from other columns."
    if any(name.startswith("invoice_date") for name in missing):
        told += " A file without dates: --date YYYY-MM-DD is the date of all its rows."
    return told
