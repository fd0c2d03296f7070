"""Find out which column of a file holds which of our fields."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS = (
    "vendor_name",
    "invoice_number",
    "payment_date",
    "invoice_date",
    "due_date",
    "amount",
    "account",
    "department",
    "description",
    "currency",
)
DATED_BY = ("invoice_date", "payment_date")  # the first that is filled
NUMBER_FROM = "number_from"
_NEEDED = ("vendor_name", "invoice_number", "amount")
# Several columns may be put together for these; the others hold one value.
_JOINED = ("vendor_name", "account", "department", "description")

# What exports call our fields. A column of our own name comes first; of several others none is.
_CALLED: Mapping[str, str] = {
    "vendor_name": """
        vendor|supplier|payee|vendor display name|supplier name|payee name|beneficiary
        |beneficiary name|creditor|creditor name|merchant|merchant name|bill from|name of supplier
        """,
    "invoice_number": """
        invoice no|invoice no.|invoice num|invoice #|invoice id|inv no|inv no.|inv #|bill no
        |bill no.|bill number|bill #|document number|document no|document no.|doc number|doc no
        |supplier invoice no|supplier invoice number|vendor invoice number|transaction number
        |transaction no|voucher number|voucher no
        """,
    "invoice_date": "date|bill date|inv date|document date|doc date|transaction date|posting date",
    "payment_date": "paid on|date paid|paid date|invoice payment date",
    "due_date": "due|due on|date due|payment due|payment due date|invoice due date",
    "amount": """
        net|net amount|total|total amount|gross|gross amount|invoice amount|invoice total
        |bill amount|line amount|amount (net)|amount (gross)
        """,
    "account": """
        account name|gl account|g/l account|expense account|category|expense category|expense type
        |expenses type|nominal code|ledger account
        """,
    "department": "dept|dept.|cost center|cost centre|service area|location|class|division",
    "description": "memo|line description|details|item description|narrative|particulars|notes",
    "currency": "currency code|ccy|cur|iso currency",
}


@dataclass(frozen=True, slots=True)
class Places:
    """In which cells of a row each field is, and what the file calls the column."""

    at: Mapping[str, tuple[int, ...]]
    names: tuple[str, ...]
    recognised: tuple[str, ...] = ()  # the fields that were found by another name than ours

    @property
    def width(self) -> int:
        """How many cells a row has at least: up to the last column that has a name."""
        return max((at for at, name in enumerate(self.names, 1) if name), default=0)

    def called(self, field: str) -> str:
        """Name a field as the file calls its column."""
        places = self.at.get(field, ())
        return " + ".join(f"“{self.names[at]}”" for at in places) or field

    def unused(self) -> list[str]:
        """Say which columns are not read."""
        used = {at for places in self.at.values() for at in places}
        return [name for at, name in enumerate(self.names) if name and at not in used]

    def said(self) -> list[str]:
        """Say which columns were recognised by a name that is not ours."""
        if not self.recognised:
            return []
        told = ", ".join(f"{field} from {self.called(field)}" for field in self.recognised)
        return [f"Columns taken by their usual names: {told}; --map says otherwise."]


def checked(mapped: Mapping[str, Sequence[str]]) -> None:
    """See that a mapping names fields of ours, and several columns only where they can be joined.

    Raises:
        Invalid: it does not.
    """
    if unknown := [name for name in mapped if name not in COLUMNS]:
        raise Invalid(f"There is no column {', '.join(unknown)}; there are {', '.join(COLUMNS)}.")
    for field, theirs in mapped.items():
        if len(theirs) > 1 and field not in _JOINED:
            raise Invalid(
                f"{field} takes one column; several can be joined for {', '.join(_JOINED)}."
            )


def place(
    names: Sequence[str], mapped: Mapping[str, Sequence[str]], number_from: Sequence[str]
) -> Places:
    """Say in which cells our fields are: by the mapping, our own names, then the usual ones."""
    plain = [_plain(name) for name in names]
    at: dict[str, tuple[int, ...]] = {}
    recognised: list[str] = []
    for field in COLUMNS:
        if field in mapped:
            found = [names.index(theirs) for theirs in mapped[field] if theirs in names]
        else:
            taken = {names.index(one) for given in mapped.values() for one in given if one in names}
            own = [where for where, name in enumerate(plain) if name == field.replace("_", " ")]
            usual = [
                where
                for where, name in enumerate(plain)
                if name in _USUAL[field] and where not in taken
            ]
            found = own or (usual if len(usual) == 1 else [])
            if not own and found:
                recognised.append(field)
        if found:
            at[field] = tuple(found)
    if number_from:
        at[NUMBER_FROM] = tuple(names.index(theirs) for theirs in number_from if theirs in names)
        at.pop("invoice_number", None)
        recognised = [field for field in recognised if field != "invoice_number"]
    return Places(at, tuple(names), tuple(recognised))


def demand(
    places: Places,
    mapped: Mapping[str, Sequence[str]],
    number_from: Sequence[str],
    *,
    file: str,
    dated: bool,
) -> None:
    """See that a file has what is needed.

    Raises:
        Invalid: it has not; names the columns that there are, and the option that helps.
    """
    there = ", ".join(name for name in places.names if name)
    wanted = [theirs for given in mapped.values() for theirs in given] + list(number_from)
    if absent := [name for name in wanted if name not in places.names]:
        raise Invalid(f"{file} has no column {', '.join(absent)}; it has {there}.")
    counted = Counter(places.names)
    twice = [name for name in dict.fromkeys(wanted) if counted[name] > 1]
    twice += [
        places.names[at[0]]
        for field, at in places.at.items()
        if len(at) > 1 and field not in mapped and field != NUMBER_FROM
    ]
    if twice:
        raise Invalid(f"{file} has two columns named {', '.join(twice)}: rename one of them.")
    missing = [name for name in _NEEDED if name not in places.at]
    if number_from and "invoice_number" in missing:
        missing.remove("invoice_number")
    if not dated and not any(name in places.at for name in DATED_BY):
        missing.append(" or ".join(DATED_BY))
    if missing:
        raise Invalid(
            f"{file} has no column {', '.join(missing)}: say which of"
            f" {there} it is, such as --map {missing[0].split()[0]}=…{_help(places, missing)}"
        )


def _help(places: Places, missing: Sequence[str]) -> str:
    told = ""
    for field in missing:
        usual = [
            name
            for name in places.names
            if _plain(name) in _USUAL.get(field.split()[0], frozenset())
        ]
        if len(usual) > 1:
            told += f" ({field} may be {' or '.join(usual)}.)"
    if "invoice_number" in missing:
        told += " A file without numbers: --number-from COLUMN makes them from other columns."
    if any(name.startswith("invoice_date") for name in missing):
        told += " A file without dates: --date YYYY-MM-DD is the date of all its rows."
    return told


def _plain(name: str) -> str:
    """Read “Vendor_Name” as “vendor name”."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())


_USUAL: Mapping[str, frozenset[str]] = {
    field: frozenset(_plain(name) for name in called.split("|"))
    for field, called in _CALLED.items()
}
