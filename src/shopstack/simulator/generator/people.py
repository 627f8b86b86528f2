"""Who buys in the made-up shop: invented customers, and who of them comes back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from shopstack.simulator.events import Address, CustomerCreated
from shopstack.simulator.generator.places import Places

_FIRST_NAMES = """
Ada Alma Amos Anika Arlo Beatriz Bram Callum Carmen Cleo Dara Davi Delia Desmond Edith Elias Esme Farid Fern Flora
Gideon Greta Hana Hollis Ines Ivo Jada Jasper Juno Kai Keiko Lena Levi Lior Lucia Mabel Malik Marta Milo Nadia Noor
Odette Omar Opal Pablo Petra Quinn Rafael Rhea Rosa Rufus Sadie Selim Signe Tamsin Theo Uma Vera Walt Wren Yara Zoe
"""
_LAST_NAMES = """
Abbott Alder Baptiste Barrow Bell Calder Castillo Chen Cole Dalton Diaz Dunne Eaton Egan Farrow Finch Garza Gray
Haddad Hale Ibarra Ito Jansen Joyner Kaplan Kerr Lam Lowe Marsh Mbeki Nakata Novak Okafor Orr Patel Pike Quist Reyes
Rowe Sato Shaw Silva Tanner Tran Underhill Vance Varga Ward Weiss Xu Yates Young Zeller
"""
_FIRST, _LAST = _FIRST_NAMES.split(), _LAST_NAMES.split()
_RECENT = 6_000


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as the generator knows him."""

    customer: int
    first: str
    last: str
    email: str
    address: Address


class People:
    """Draws buyers. The more often somebody has bought, the likelier he buys again."""

    def __init__(self, random: Random, places: Places) -> None:
        self._random = random
        self._places = places
        self._buyers: list[Person] = []
        self._bought: Counter[int] = Counter()
        self.count = 0
        """How many customers there are; the numbers run from 1."""
        self.created: list[CustomerCreated] = []
        """Customers who came since this list was last emptied."""

    def stranger(self, *, canadian: bool = False) -> Person:
        """Somebody who leaves no customer record (number 0): a guest."""
        first, last = self._random.choice(_FIRST), self._random.choice(_LAST)
        address = self._places.canadian(first, last) if canadian else self._places.american(first, last)
        email = f"{first}.{last}{self._random.randrange(10_000)}@example.com".lower()
        return Person(0, first, last, email, address)

    def newcomer(self, at: datetime, *, canadian: bool = False) -> Person:
        """Somebody who buys for the first time."""
        guest = self.stranger(canadian=canadian)
        self.count += 1
        person = Person(self.count, guest.first, guest.last, guest.email, guest.address)
        self.created.append(
            CustomerCreated(
                at=at - timedelta(seconds=self._random.randrange(20, 900)),
                customer=person.customer,
                first_name=person.first,
                last_name=person.last,
                email=person.email,
                address=person.address,
                account=self._random.random() < 0.4,
            )
        )
        return person

    def regular(self) -> Person | None:
        """Somebody who bought before: drawn by how often he bought lately, often of two the one who bought less."""
        if not self._buyers:
            return None
        oldest = max(0, len(self._buyers) - _RECENT)
        drawn = [
            self._buyers[self._random.randrange(oldest, len(self._buyers))]
            for _ in range(self._random.choice((1, 2, 2)))
        ]
        return min(drawn, key=lambda one: self._bought[one.customer])

    def bought(self, person: Person) -> None:
        """Remember that somebody bought."""
        if person.customer:
            self._buyers.append(person)
            self._bought[person.customer] += 1
