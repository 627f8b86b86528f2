{# The Shopify Payments account: a shop that takes cards by another gateway has none, and an app may lack the scopes
   for it. What was never read is not available, which is not the same as nothing. #}
{% macro accounts() -%}
    select
        shop,
        min(cursor_at) as read_up_to,
        max(case when stream = 'balance_transactions' then cursor_at end) as movements_up_to,
        count(distinct stream) = 2 as is_read
    from {{ ref("stg_streams") }}
    where stream in ('payouts', 'balance_transactions') and state = 'loaded'
    group by shop
{%- endmacro %}
