-- Money that really moved. One row an order, so that several transactions never multiply anything that is joined to it.
{{ config(materialized='view') }}

with transactions as (

    select
        order_key,
        shop,
        load_id,
        {{ settled_amount('kind', 'status', 'amount') }} as settled_amount
    from {{ ref('stg_order_transactions') }}
    where status = 'SUCCESS' and not is_test

),

summed as (

    select
        order_key,
        shop,
        load_id, -- the same for all of an order
        count(*) as settled_transactions,
        {{ money('sum(case when settled_amount > 0 then settled_amount else 0 end)') }} as received,
        {{ money('sum(case when settled_amount < 0 then -settled_amount else 0 end)') }} as refunded
    from transactions
    group by order_key, shop, load_id

),

final as (

    select
        order_key,
        shop,
        settled_transactions,
        received,
        refunded,
        {{ money('received - refunded') }} as ledger_payment,
        load_id
    from summed

)

select * from final
