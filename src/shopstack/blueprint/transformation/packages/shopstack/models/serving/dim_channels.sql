with orders as (

    select * from {{ ref('stg_orders') }}
    where not is_test

),

sources as (

    select
        {{ channel_key('shop', 'source_name') }} as channel_key,
        shop,
        coalesce(source_name, 'unknown') as source_name,
        max(channel_name) as channel_name,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from orders
    group by {{ channel_key('shop', 'source_name') }}, shop, coalesce(source_name, 'unknown')

),

final as (

    select
        channel_key,
        shop,

        source_name,
        coalesce(channel_name, source_name) as channel_name,

        first_order_date,
        last_order_date
    from sources

)

select * from final
