"""Addresses as the Admin API shows them: of orders, customers and the shop's own locations."""

from __future__ import annotations

from typing import Any

from shopstack.simulator.events import Address
from shopstack.simulator.ids import address_gid


def mailing_address(address: Address | None, number: int) -> dict[str, Any] | None:
    """A MailingAddress of an order, a draft or a checkout."""
    return (
        None
        if address is None
        else _shown(address, f"gid://shopify/MailingAddress/{number}?model_name=Address")
    )


def customer_address(address: Address, number: int) -> dict[str, Any]:
    """A MailingAddress in a customer's book."""
    return _shown(address, address_gid(number))


def _shown(address: Address, gid_: str) -> dict[str, Any]:
    """Coordinates stay unknown, as they are for addresses that nobody validated."""
    name = " ".join(part for part in (address.first_name, address.last_name) if part) or None
    area = ", ".join(part for part in (address.city, address.province_code, address.country) if part)
    return {
        "id": gid_,
        "firstName": address.first_name,
        "lastName": address.last_name,
        "name": name,
        "company": address.company,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "province": address.province,
        "provinceCode": address.province_code,
        "country": address.country,
        "countryCode": address.country_code,
        "countryCodeV2": address.country_code,
        "zip": address.zip,
        "phone": address.phone,
        "latitude": None,
        "longitude": None,
        "coordinatesValidated": False,
        "formatted": [part for part in (address.address1, area) if part],
        "formattedArea": area,
    }


def location_address(address: Address) -> dict[str, Any]:
    """A LocationAddress."""
    area = " ".join(part for part in (address.city, address.province_code, address.zip) if part)
    return {
        "address1": address.address1,
        "address2": None,
        "city": address.city,
        "country": address.country,
        "countryCode": address.country_code,
        "formatted": [part for part in (address.address1, area, address.country) if part],
        "latitude": None,
        "longitude": None,
        "phone": None,
        "province": address.province,
        "provinceCode": address.province_code,
        "zip": address.zip,
    }
