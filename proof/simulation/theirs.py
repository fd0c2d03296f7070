"""Draw what people do in QuickBooks: edit, code, pay, rename, and close periods."""

from __future__ import annotations

import random
from typing import Any

from proof.simulation.ours import Ours
from proof.simulation.records import Step


def code(dice: random.Random) -> dict[str, Any]:
    """Draw how a bookkeeper codes a document: a line's details, a new line, a header field."""
    found: dict[str, Any] = {"line": dice.randint(0, 3), "customer": True, "dated": True}
    if dice.random() < 0.3:
        found["words"] = "See the contract"
    if dice.random() < 0.3:
        found["header"] = {"DueDate": "2026-05-05"}
    return found


class Theirs(Ours):
    """Draws what a person does in QuickBooks, as well as what the business does."""

    def _person(self, tenant: int) -> list[Step]:
        """Draw a person's deed in QuickBooks."""
        deed = self.dice.choice(
            [
                *["edit", "edit", "edit", "code", "code", "delete", "void", "pay", "pay", "name"],
                *["type_bill", "books", "same"],
            ]
        )
        key = self._any_payable(tenant)
        number = self.dice.choice([n for of, n in self.connections if of == tenant])
        name = self.connections[tenant, number]["name"] + (f" T{tenant}" if tenant else "")
        target = f"pay_{key[1]}" if key else "pay_0"
        step: Step = {"do": "person", "tenant": tenant, "deed": deed, "on": target}
        if deed in ("edit", "code"):
            changes = self.dice.choice(
                [
                    {"DueDate": "2026-05-05"},
                    {"TxnDate": "2026-01-09"},
                    {"DocNumber": "HAND-1"},
                    {"Line": self.dice.randint(1, 9999) / 100},
                    {"Description": "Agreed"},
                ]
            )
            how = {"with": {"changes": changes}} if deed == "edit" else {"code": code(self.dice)}
            edited: Step = {**step, **how}
            # Often while we change it, too: that is where edits get lost.
            return [edited, *self._ours_too(key)] if self.dice.random() < 0.5 else [edited]
        if deed == "type_bill":
            number_typed = f"INV-{key[1]}" if key else "INV-0"
            vendor = f"Vendor:{name}"
            typed = {"do": deed, "vendor": vendor, "number": number_typed, "cents": 4_200}
            if key and self.dice.random() < 0.5:  # the same total, some days apart
                typed |= {"number": "TYPED-1", "cents": self.payables[key]["cents"]}
                typed["day"] = self.dice.choice(["2026-01-01", "2026-01-12", "2026-01-13"])
            return [{**typed, "tenant": tenant}]
        if deed == "books":
            last = self.dice.choice(["2026-01-31", None])
            return [{**step, "on": None, "deed": "close_books", "with": {"last_day": last}}]
        if deed == "name":
            return [self._on_name(step, name, number)]
        if deed == "same":
            kind = self.dice.choice(["Vendor", "Customer", "Vendor"])
            document = {"DisplayName": name}
            return [
                {**step, "on": None, "deed": "create", "with": {"kind": kind, "document": document}}
            ]
        return [step]

    def _on_name(self, step: Step, name: str, number: int) -> Step:
        deed = self.dice.choice(["edit", "inactivate", "reactivate", "merge"])
        step = {**step, "deed": deed, "on": f"Vendor:{name}"}
        if deed == "edit":
            changes = self.dice.choice(
                [{"DisplayName": f"Theirs {number}"}, {"PrimaryPhone": {"FreeFormNumber": "555"}}]
            )
            step["with"] = {"changes": changes}
        if deed == "merge":
            others = [each["name"] for each in self.connections.values()]
            step["into"] = f"Vendor:{self.dice.choice(others)}"
        return step

    def _up_and_down(self, tenant: int) -> list[Step]:
        """A vendor or customer is made inactive before a sync, and may be reactivated later."""
        n = self.dice.choice([number for of, number in self.connections if of == tenant])
        name = self.connections[tenant, n]["name"] + (f" T{tenant}" if tenant else "")
        on = f"{self.dice.choice(['Vendor', 'Vendor', 'Customer'])}:{name}"
        step: Step = {"do": "person", "tenant": tenant, "on": on}
        more = [*self._more(tenant), *self._sync(tenant)]
        again = [{**step, "deed": "reactivate"}, *self._sync(tenant)]
        return [{**step, "deed": "inactivate"}, *more, *(again if self.dice.random() < 0.7 else [])]
