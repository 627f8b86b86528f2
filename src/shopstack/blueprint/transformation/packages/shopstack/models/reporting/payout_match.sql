with payouts as (

    select * from {{ ref('fct_payouts') }}

),

movements as (

    select * from {{ ref('fct_balance_transactions') }}
    where not is_payout

),

accounts as (

    {{ accounts() }}

),

in_payouts as (

    select
        payout_key,
        count(*) as movements,
        {{ money('sum(amount)') }} as amount,
        {{ money('sum(fee)') }} as fee,
        {{ money('sum(net)') }} as net
    from movements
    where payout_key is not null
    group by payout_key

),

waiting as (

    select
        shop,
        currency_code,
        count(*) as movements,
        {{ money('sum(amount)') }} as amount,
        {{ money('sum(fee)') }} as fee,
        {{ money('sum(net)') }} as net
    from movements
    where payout_key is null
    group by shop, currency_code

),

matched as (

    select
        payouts.payout_key as match_key,
        payouts.shop,
        payouts.payout_key,
        payouts.payout_id,
        case
            when accounts.movements_up_to is null then 'not available'
            when payouts.has_failed then 'failed'
            when payouts.net = coalesce(in_payouts.net, 0) then 'matches'
            else 'differs'
        end as state,
        payouts.status,
        payouts.currency_code,
        payouts.net as payout_net,
        case
            when accounts.movements_up_to is not null then coalesce(in_payouts.movements, 0)
        end as movements,
        in_payouts.amount as movements_amount,
        in_payouts.fee as movements_fee,
        case
            when accounts.movements_up_to is not null then coalesce(in_payouts.net, 0)
        end as movements_net,
        payouts.payout_date
    from payouts
    left join in_payouts on payouts.payout_key = in_payouts.payout_key
    left join accounts on payouts.shop = accounts.shop
    union all
    select
        shop || '|' || currency_code || '|not paid out' as match_key,
        shop,
        null as payout_key,
        null as payout_id,
        'not paid out' as state,
        null as status,
        currency_code,
        null as payout_net,
        movements,
        amount as movements_amount,
        fee as movements_fee,
        net as movements_net,
        null as payout_date
    from waiting

),

final as (

    select
        match_key,
        shop,
        payout_key,
        payout_id,

        state,
        status,
        currency_code,

        {{ money('payout_net') }} as payout_net,
        {{ whole('movements') }} as movements,
        movements_amount,
        movements_fee,
        {{ money('movements_net') }} as movements_net,
        {{ money('payout_net - movements_net') }} as difference,

        cast(payout_date as date) as payout_date
    from matched

)

select * from final
