-- Made of observations alone, which are only ever added to: it can be built anew at any time and says the same.
{% set in_order = "partition by variant_key order by observed_at, shows_cost_alone" %}
{% set up_to_here = in_order ~ " rows between unbounded preceding and current row" %}

with variants as (

    select * from {{ ref('stg_product_variants_observed') }}

),

items as (

    select * from {{ ref('stg_inventory_items_observed') }}

),

levels as (

    select * from {{ ref('stg_inventory_levels_observed') }}

),

identities as (

    select
        variant_key,
        shop,
        max(product_key) as product_key,
        max(inventory_item_key) as inventory_item_key
    from variants
    group by variant_key, shop

),

-- A cost is seen with its variant, whenever the product changes, and with its inventory item, once a day.
seen as (

    select
        variant_key,
        observed_at,
        observed_on,
        price,
        compare_at_price,
        unit_cost,
        0 as shows_cost_alone
    from variants
    union all
    select
        identities.variant_key,
        items.observed_at,
        items.observed_on,
        cast(null as decimal(20, 4)) as price,
        cast(null as decimal(20, 4)) as compare_at_price,
        items.unit_cost,
        1 as shows_cost_alone
    from items
    inner join identities on items.inventory_item_key = identities.inventory_item_key

),

numbered as (

    select
        *,
        sum(shows_cost_alone) over ({{ up_to_here }}) as item_number,
        lead(observed_at) over ({{ in_order }}) as next_observed_at
    from seen

),

items_beside as (

    select
        *,
        max(case when shows_cost_alone = 1 then unit_cost end) over (partition by variant_key, item_number)
            as cost_of_item
    from numbered

),

-- An item is noted only when its cost changed. Where the variant showed another cost meanwhile, the next reading of the
-- item, noted with its stock, is what brings the item's cost back.
back_again as (

    select
        items_beside.variant_key,
        min(levels.observed_at) as observed_at,
        min(levels.observed_on) as observed_on,
        cast(null as decimal(20, 4)) as price,
        cast(null as decimal(20, 4)) as compare_at_price,
        items_beside.cost_of_item as unit_cost,
        1 as shows_cost_alone
    from items_beside
    inner join identities on items_beside.variant_key = identities.variant_key
    inner join levels
        on
            identities.inventory_item_key = levels.inventory_item_key
            and items_beside.observed_at <= levels.observed_at
            and (items_beside.next_observed_at is null or items_beside.next_observed_at > levels.observed_at)
    where
        items_beside.shows_cost_alone = 0
        and items_beside.item_number > 0
        and items_beside.unit_cost is distinct from items_beside.cost_of_item
    group by items_beside.variant_key, items_beside.observed_at, items_beside.cost_of_item

),

events as (

    select * from seen
    union all
    select * from back_again

),

counted as (

    select
        *,
        sum(1 - shows_cost_alone) over ({{ up_to_here }}) as price_number,
        lead(observed_at) over ({{ in_order }}) as next_observed_at
    from events

),

-- A price holds until the next one; of what was seen at one moment the last counts.
states as (

    select
        variant_key,
        observed_at,
        observed_on,
        max(price) over (partition by variant_key, price_number) as price,
        max(compare_at_price) over (partition by variant_key, price_number) as compare_at_price,
        unit_cost,
        next_observed_at is null or observed_at < next_observed_at as is_last_of_moment
    from counted
    where price_number > 0

),

compared as (

    select
        *,
        row_number() over (partition by variant_key order by observed_at) as place_in_line,
        lag(price) over (partition by variant_key order by observed_at) as price_before,
        lag(compare_at_price) over (partition by variant_key order by observed_at) as compare_at_price_before,
        lag(unit_cost) over (partition by variant_key order by observed_at) as unit_cost_before
    from states
    where is_last_of_moment

),

changes as (

    select
        *,
        lead(observed_at) over (partition by variant_key order by observed_at) as valid_to
    from compared
    where
        place_in_line = 1
        or price is distinct from price_before
        or compare_at_price is distinct from compare_at_price_before
        or unit_cost is distinct from unit_cost_before

),

final as (

    select
        changes.variant_key || '@' || cast(changes.observed_at as {{ dbt.type_string() }}) as variant_period_key,
        changes.variant_key,
        identities.shop,
        identities.product_key,
        identities.inventory_item_key,

        changes.valid_to is null as is_current,

        changes.price,
        changes.compare_at_price,
        changes.unit_cost,

        changes.observed_at as valid_from,
        changes.valid_to,
        changes.observed_on as valid_from_date
    from changes
    inner join identities on changes.variant_key = identities.variant_key

)

select * from final
