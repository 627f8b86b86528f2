"""The mistakes of public models, made on purpose: what is changed in the package, and which of its tests must fail.

Each is a piece of a file's text and what stands there instead; the piece must be there exactly once, so that a mistake can
never silently not be made. What must notice it is named: unit tests, tests of the tables (then with the models that have
to be built for them), or rules of `structure`. `test_mutations` makes them, as many at once as do not meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutation:
    """A mistake in one file of the package, and what notices it.

    Attributes:
        mistake: a name in `held.MISTAKES`.
        file: within the package.
        changes: what stands there, once, and what shall stand there instead.
        noticed_by: names of tests, or of rules.
        builds: models that have to be built anew, in order, before a test of tables can notice.
    """

    mistake: str
    file: str
    changes: tuple[tuple[str, str], ...]
    noticed_by: tuple[str, ...]
    builds: tuple[str, ...] = ()

    def make(self, package: Path) -> None:
        """Make the mistake in a copy of the package.

        Raises:
            ValueError: the text to be changed is not there exactly once.
        """
        path = package / self.file
        text = path.read_text(encoding="utf-8")
        for old, new in self.changes:
            if text.count(old) != 1:
                msg = f"{self.file} has {text.count(old)} times, for the mistake {self.mistake!r}: {old}"
                raise ValueError(msg)
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")


_HOMES = """    from orders
    left join {{ source('shopify', 'customer_addresses') }} as homes
        on orders.customer_key = orders.shop || '|' || {{ gid_tail('homes._root_id') }}
    left join shop_locations"""

_WITH_GUESTS = """    from (
        select
            shop,
            month_start,
            coalesce(customer_key, 'guest') as customer_key,
            order_number_of_customer,
            is_first_order,
            2 as order_number_among_visible
        from orders
    ) as orders
"""

MUTATIONS = (
    Mutation(
        "quantity times a total",
        "models/intermediate/int_sales.sql",
        (
            ("sale_net('total_amount',", "sale_net('quantity * total_amount',"),
            ("sale_gross('total_amount',", "sale_gross('quantity * total_amount',"),
        ),
        ("a_total_is_a_total_whatever_the_quantity", "a_real_stores_day_ties"),
    ),
    Mutation(
        "quantity times a total",
        "models/serving/fct_order_lines.sql",
        (
            (
                "        lines.original_total,",
                "        lines.quantity * lines.original_total as original_total,",
            ),
        ),
        ("a_discount_that_does_not_divide_keeps_every_cent",),
    ),
    Mutation(
        "quantity times a total",
        "models/reporting/product_performance.sql",
        (("'sum(net_sales)'", "'sum(quantity * net_sales)'"),),
        ("a_product_is_worth_its_lines_and_not_their_quantity_times",),
    ),
    Mutation(
        "payments fan out",
        "models/intermediate/int_order_payments.sql",
        (("group by order_key", "group by order_key, settled_amount"),),
        ("a_sale_and_a_capture_are_one_row_an_order",),
    ),
    Mutation(
        "payments fan out",
        "models/serving/fct_refunds.sql",
        (("left join adjustments on", "left join {{ ref('stg_order_adjustments') }} as adjustments on"),),
        ("a_refund_is_one_row_whatever_it_is_made_of",),
    ),
    Mutation(
        "guests as one customer",
        "models/reporting/monthly_returning_customers.sql",
        (
            (
                "    from orders\n    where customer_key is not null\n",
                _WITH_GUESTS,
            ),
        ),
        ("a_customer_returns_and_a_guest_never_does",),
    ),
    Mutation(
        "inner join",
        "models/serving/fct_sales.sql",
        (("left join addresses", "inner join addresses"),),
        ("no_sale_is_lost_for_what_is_unknown",),
    ),
    Mutation(
        "inner join",
        "models/serving/fct_returns.sql",
        (("left join lines", "inner join lines"),),
        ("a_return_that_is_only_announced_has_brought_nothing_back",),
    ),
    Mutation(
        "inner join",
        "models/reporting/sales_by_geo.sql",
        (("left join locations", "inner join locations"),),
        ("sales_of_no_known_place_are_on_no_map_and_in_every_sum",),
    ),
    Mutation(
        "customer by name",
        "models/staging/stg_customers.sql",
        (
            (
                "{{ shop_key('id') }} as customer_key",
                "_shop || '|' || first_name || last_name || email as customer_key",
            ),
        ),
        ("two_people_of_one_name_are_two_customers",),
    ),
    Mutation(
        "customer by name",
        "models/serving/dim_customers.sql",
        (
            (
                "left join orders on numbered.customer_key = orders.customer_key",
                "left join orders on customers.first_name || customers.last_name = orders.customer_key",
            ),
        ),
        ("a_customer_is_an_id_and_never_a_name",),
    ),
    Mutation(
        "default address",
        "models/intermediate/int_order_addresses.sql",
        (
            ("        orders.shipping_city,\n", "        homes.city as shipping_city,\n"),
            (
                "        orders.shipping_province_code,\n",
                "        homes.province_code as shipping_province_code,\n",
            ),
            (
                "        orders.shipping_country_code,\n",
                "        homes.country_code as shipping_country_code,\n",
            ),
            ("    from orders\n    left join shop_locations", _HOMES),
        ),
        ("the_place_is_the_orders_own_address",),
    ),
    Mutation(
        "place without province",
        "models/serving/dim_locations.sql",
        (("            and locations.province_code = cities.province_code\n", ""),),
        ("two_springfields_are_two_places",),
    ),
    Mutation(
        "calendar ends early",
        "models/reporting/daily_sales.sql",
        (("{{ greatest_of('shops.today', 'extents.last_day') }}", "extents.last_day"),),
        ("every_day_up_to_today_has_a_row_on_two_clocks",),
    ),
    Mutation(
        "total price as revenue",
        "models/intermediate/int_sales.sql",
        (("sale_net('total_amount', 'tax_amount')", "'total_amount'"),),
        ("both_tax_conventions_are_the_same_arithmetic",),
    ),
    Mutation(
        "total price as revenue",
        "models/serving/fct_orders.sql",
        (("coalesce(sales.net_sales, 0) as net_sales", "orders.original_total as net_sales"),),
        ("an_order_is_what_its_ledger_says",),
    ),
    Mutation(
        "place without province",
        "models/intermediate/int_order_addresses.sql",
        (
            (
                "country_code || '|' || province_code || '|' || city_match",
                "country_code || '||' || city_match",
            ),
        ),
        ("the_place_is_the_orders_own_address",),
    ),
    Mutation(
        "customer by name",
        "models/staging/stg_orders.sql",
        (
            (
                "{{ shop_key('placed.customer_id', 'placed._shop') }} as customer_key",
                "placed._shop || '|' || placed.shipping_city as customer_key",
            ),
        ),
        ("a_customer_is_who_bought_and_not_where_it_goes",),
    ),
    Mutation(
        "local time as UTC",
        "models/serving/fct_sales.sql",
        (
            (
                "{{ shop_date('agreements.happened_at', 'shops.timezone') }} as sale_date",
                "cast(agreements.happened_at as date) as sale_date",
            ),
        ),
        ("a_sale_falls_on_the_shops_own_day",),
    ),
    Mutation(
        "payments fan out",
        "models/reporting/refunds_and_returns.sql",
        (
            (
                "    from sales\n    union\n    select\n        shop,\n        refund_date",
                "    from sales\n    union all\n    select\n        shop,\n        refund_date",
            ),
        ),
        ("an_order_that_gives_back_counts_once_a_day",),
    ),
    Mutation(
        "local time as UTC",
        "macros/time.sql",
        (
            (
                "(({{ utc_time }} at time zone 'UTC') at time zone {{ timezone }})",
                "({{ utc_time }} at time zone {{ timezone }})",
            ),
        ),
        ("a_day_is_a_day_in_the_shops_timezone", "a_sale_falls_on_the_shops_own_day"),
    ),
    Mutation(
        "growth from zero",
        "models/reporting/quarter_and_year_growth.sql",
        (
            (
                "{{ growth('total_sales', 'previous_total_sales') }}",
                "{{ rate('total_sales - previous_total_sales', 'previous_total_sales') }}",
            ),
        ),
        ("growth_from_nothing_is_new_and_never_a_number",),
    ),
    Mutation(
        "payments fan out",
        "macros/payments.sql",
        (("{{ kind }} in ('SALE', 'CAPTURE')", "{{ kind }} in ('SALE', 'CAPTURE', 'AUTHORIZATION')"),),
        ("a_sale_and_a_capture_are_one_row_an_order",),
    ),
    Mutation(
        "guests as one customer",
        "models/staging/stg_orders.sql",
        (
            (
                "{{ shop_key('placed.customer_id', 'placed._shop') }} as customer_key",
                "coalesce({{ shop_key('placed.customer_id', 'placed._shop') }}, placed._shop || '|') as customer_key",
            ),
        ),
        ("a_customer_is_who_bought_and_not_where_it_goes",),
    ),
    Mutation(
        "calendar ends early",
        "models/serving/dim_dates.sql",
        (
            (
                "(select {{ dbt.dateadd('year', 1, 'max(today)') }} from {{ ref('dim_shops') }})",
                "(select max(order_date) from {{ ref('stg_orders') }})",
            ),
        ),
        ("every_day_has_a_row",),
        builds=("dim_dates", "daily_sales"),
    ),
    Mutation(
        "misspelt tests",
        "models/serving/fct_sales.yml",
        (
            (
                "    data_tests:\n      - sound:\n          arguments:",
                "    data_test:\n      - sound:\n          arguments:",
            ),
        ),
        ("every model of serving and reporting has a test",),
    ),
)
"""Each mistake in as many places as it could be made in."""

_TOUCHED = "{% set touched = touched_orders() %}"
_FORGETS = """    on_schema_change='fail',
    pre_hook="{{ forget_touched_orders() }}"
"""
_FORGETS_NOTHING = "    on_schema_change='fail'\n"


def _touched(*condition: str) -> str:
    """Another condition for what an increment builds, in pieces of Jinja; `source` are the orders in staging."""
    pieces = " ~ ".join(condition)
    return (
        "{% set source = ref('stg_orders') %}\n"
        f"{{% set touched = {pieces} if is_incremental() else '1 = 1' %}}"
    )


_INCREMENTAL = """{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_key',
    on_schema_change='fail'
) }}
{% set touched = touched_orders() %}

"""

OF_INCREMENTS = (
    Mutation(
        "filter against itself",
        "models/serving/fct_transactions.sql",
        (
            (_TOUCHED, _touched("'load_id > (select max(load_id) from '", "source", "')'")),
            (_FORGETS, _FORGETS_NOTHING),
        ),
        ("serving.fct_transactions",),
    ),
    Mutation(
        "strict comparison of dates",
        "models/serving/fct_fulfillments.sql",
        (
            (
                _TOUCHED,
                _touched(
                    "'order_key in (select order_key from '",
                    "source",
                    "' where order_date > (select max(order_date) from '",
                    "this",
                    "'))'",
                ),
            ),
            (_FORGETS, _FORGETS_NOTHING),
        ),
        ("serving.fct_fulfillments",),
    ),
    Mutation(
        "no unique key",
        "models/serving/fct_tax_lines.sql",
        (("    unique_key='order_key',\n", "    unique_id='order_key',\n"), (_FORGETS, _FORGETS_NOTHING)),
        ("serving.fct_tax_lines", "increments are whole orders"),
    ),
    Mutation(
        "lines left behind",
        "models/serving/fct_order_lines.sql",
        (("unique_key='order_key'", "unique_key='line_key'"), (_FORGETS, _FORGETS_NOTHING)),
        ("serving.fct_order_lines", "increments are whole orders"),
    ),
    Mutation(
        "incremental history of customers",
        "models/intermediate/int_order_numbers.sql",
        (
            ("{{ config(materialized='view') }}\n", _INCREMENTAL),
            (
                "    from {{ ref('stg_orders') }}\n",
                "    from {{ ref('stg_orders') }}\n    where {{ touched }}\n",
            ),
        ),
        ("no increment tells a customer's history",),
    ),
    Mutation(
        "incremental history of customers",
        "models/serving/fct_orders.sql",
        (("{% if is_increment() -%}", "{% if false -%}"),),
        ("serving.fct_orders",),
    ),
)
"""Mistakes that an incremental model alone can make; what notices them are rules, and tables that are not what one build
of everything makes of them."""
