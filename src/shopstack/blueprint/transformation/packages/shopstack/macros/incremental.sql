{# Facts of orders are built by order: an order that was loaded again takes the place of all that was built of it.

   Raw replaces whole orders, so that each row of one carries the number of the same load, and a mark of its deletion
   counts as a load too. What is built keeps that number; the next build takes the orders of every load from the
   newest that the model knows on, that one included: loading again what was loaded changes nothing, and a build that
   was broken off is made up for by the next, model by model. Where something changed that every order of a shop is
   read with (`stg_shops`, frame_load_id), all of them are built again; the next build then takes what is newer than that
   change alone. Facts carry its number on every row and staging does not, so that "that one included" would be all orders
   to the one and none to the other.

   Only what depends on nothing but the order may be built so: what looks at other orders is built whole. #}

{# Whether a part is built. What is only compiled, to be looked at or linted, is a whole build: it needs no database. #}
{% macro is_increment() -%}
    {{ return(flags.WHICH in ("build", "run") and is_incremental()) }}
{%- endmacro %}

{# The condition that rows of a shop's orders have to meet to be built; the same one for everything that a model reads,
   and asked of the database once: `set touched = touched_orders()`. #}
{% macro touched_orders(load_id="load_id", shop="shop") -%}
    {%- set shops = ref("stg_shops") -%}
    {%- if not is_increment() -%}
        {{ return("1 = 1") }}
    {%- endif -%}
    {%- set since = run_query(
        "select shops.shop, case when built.newest > shops.frame_load_id then built.newest"
        ~ " when built.newest = shops.frame_load_id then built.newest + 1 else 0 end as since"
        ~ " from " ~ shops ~ " as shops"
        ~ " left join (select shop, max(load_id) as newest from " ~ this ~ " group by shop) as built"
        ~ " on shops.shop = built.shop order by shops.shop"
    ) -%}
    {%- if not since.rows -%}
        {{ return("1 = 0") }}
    {%- endif -%}
    {%- set each = [] -%}
    {%- for row in since.rows -%}
        {%- do each.append("(" ~ shop ~ " = '" ~ row[0] ~ "' and " ~ load_id ~ " >= " ~ row[1] ~ ")") -%}
    {%- endfor -%}
    {#- The lowest of them by itself: a plain comparison lets the database pass over what is older unread. -#}
    {%- set lowest = since.columns[1].values() | min -%}
    {{ return(load_id ~ " >= " ~ lowest ~ " and (" ~ each | join(" or ") ~ ")") }}
{%- endmacro %}

{# Before an order is built again: away with all that was built of it. Lines that an edit took out, and orders that were
   deleted, have no rows any more that would take the place of the old ones. #}
{% macro forget_touched_orders() -%}
    {%- if is_increment() -%}
        delete from {{ this }}
        where order_key in (
            select {{ shop_key("id") }} from {{ source("shopify", "orders") }}
            where {{ touched_orders("_load_id", "_shop") }}
        )
    {%- endif -%}
{%- endmacro %}
