-- Money that really moved: settled sales and captures in, settled refunds out. One row an order, so that
-- several transactions never multiply anything that is joined to it.
{{ config(materialized='view') }}

with transactions as (

    select * from {{ ref('stg_order_transactions') }}
    where status = 'SUCCESS' and not is_test

),

summed as (

    select
        order_key,
        count(*) as settled_transactions,
        {{ money("sum(case when kind in ('SALE', 'CAPTURE') then amount else 0 end)") }} as received,
        {{ money("sum(case when kind = 'REFUND' then amount else 0 end)") }} as refunded
    from transactions
    group by order_key

),

final as (

    select
        order_key,
        settled_transactions,
        received,
        refunded,
        {{ money('received - refunded') }} as ledger_payment
    from summed

)

select * from final
