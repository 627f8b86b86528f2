"""Who may open the dashboard: this machine without a password, everyone else with one.

`policy.py` decides whether a password is asked for and which; `gate.py` asks it of every request; `sign_in.py` is the
page on which it is given.
"""

from shopstack.dashboard.access.gate import Gate, GateKeeper, is_let_in
from shopstack.dashboard.access.policy import Access, access_of, give_password, hash_of
from shopstack.dashboard.access.sign_in import sign_in_routes

__all__ = [
    "Access",
    "Gate",
    "GateKeeper",
    "access_of",
    "give_password",
    "hash_of",
    "is_let_in",
    "sign_in_routes",
]
