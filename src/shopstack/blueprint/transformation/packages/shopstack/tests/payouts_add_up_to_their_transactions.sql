{{ config(severity = 'warn') }}
-- What Shopify Payments paid out is what moved in the balance for it, fees taken off. A warning, since a payout and its
-- movements are read one after the other; the next reading brings them together.
with moved as (

    select
        payout_key,
        sum(net) as net
    from {{ ref('stg_balance_transactions') }}
    where type <> 'TRANSFER'
    group by payout_key

)

select
    payouts.payout_key,
    payouts.net,
    moved.net as moved_net
from {{ ref('stg_payouts') }} as payouts
inner join moved on payouts.payout_key = moved.payout_key
where payouts.net <> moved.net
