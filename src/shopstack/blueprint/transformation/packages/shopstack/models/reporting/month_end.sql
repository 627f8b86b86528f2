-- From what was sold to what reached the bank. Every amount stands in one step, in the rows of one month; whatever no
-- step explains is its own row, and is never spread.
{% set sales_steps = [
    ('total_sales', 'ledger'),
    ('tips', 'ledger'),
    ('gift_cards_sold', 'ledger'),
    ('gift_cards_redeemed', 'payments'),
    ('not_yet_paid', 'ledger and payments'),
    ('paid_for_earlier', 'ledger and payments'),
    ('unexplained', 'rest'),
] %}
{% set account_steps = [
    ('fees', 9, 'balance', true),
    ('invisible_orders', 10, 'balance', false),
    ('other_gateways', 11, 'balance', false),
    ('other_movements', 12, 'balance', false),
    ('settled_in_another_currency', 13, 'payments', false),
    ('in_balance_in_another_month', 14, 'payments and balance', false),
    ('not_paid_out_yet', 15, 'balance and payouts', true),
    ('paid_out_for_earlier', 16, 'balance and payouts', true),
    ('failed_payouts', 17, 'payouts', false),
    ('unexplained', 18, 'rest', true),
    ('paid_out', 19, 'payouts', true),
] %}

with shops as (

    select * from {{ ref('dim_shops') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

accounts as (

    {{ accounts() }}

),

sales as (

    select
        shop,
        {{ month_of('sale_date') }} as month_start,
        sum(total_sales) as total_sales,
        sum(tips) as tips,
        sum(gift_cards_sold) as gift_cards_sold
    from {{ ref('fct_sales') }}
    group by shop, {{ month_of('sale_date') }}

),

open_amounts as (

    select
        shop,
        month_start,
        sum(not_yet_paid) as not_yet_paid,
        sum(paid_for_earlier) as paid_for_earlier,
        sum(unexplained) as unexplained
    from {{ ref('int_order_months') }}
    group by shop, month_start

),

payments as (

    select
        shop,
        {{ month_of('transaction_date') }} as month_start,
        coalesce(gateway, 'unknown') as gateway,
        {{ is_gift_card('gateway') }} as is_gift_card,
        sum(settled_amount) as received,
        sum(case when fee_currency_code = currency_code then fee end) as fee,
        -- A payment that brought money has a fee; a refund need not.
        coalesce(
            max(
                case when settled_amount > 0 and (fee is null or fee_currency_code <> currency_code) then 1 else 0 end
            ) = 1,
            false
        ) as misses_fees
    from {{ ref('fct_transactions') }}
    where settled_amount <> 0
    group by shop, {{ month_of('transaction_date') }}, gateway

),

redeemed as (

    select
        shop,
        month_start,
        -sum(received) as gift_cards_redeemed
    from payments
    where is_gift_card
    group by shop, month_start

),

moved as (

    select * from {{ ref('int_account_steps') }}

),

payouts as (

    select
        shop,
        {{ month_of('payout_date') }} as month_start,
        currency_code,
        is_shop_currency,
        sum(net) as net
    from {{ ref('fct_payouts') }}
    where not has_failed
    group by shop, {{ month_of('payout_date') }}, currency_code, is_shop_currency

),

-- Every gateway in each month in which something went through it; Shopify Payments also where only its account moved.
gateways as (

    select
        shop,
        month_start,
        gateway
    from payments
    where not is_gift_card
    union
    select
        shop,
        month_start,
        'shopify_payments' as gateway
    from moved
    union
    select
        shop,
        month_start,
        'shopify_payments' as gateway
    from payouts

),

happened as (

    select
        shop,
        month_start
    from sales
    union
    select
        shop,
        month_start
    from open_amounts
    union
    select
        shop,
        month_start
    from gateways

),

months as (

    {{ every_month('happened') }}

),

wide as (

    select
        months.shop,
        months.month_start,
        coalesce(sales.total_sales, 0) as total_sales,
        coalesce(sales.tips, 0) as tips,
        coalesce(sales.gift_cards_sold, 0) as gift_cards_sold,
        coalesce(redeemed.gift_cards_redeemed, 0) as gift_cards_redeemed,
        coalesce(open_amounts.not_yet_paid, 0) as not_yet_paid,
        coalesce(open_amounts.paid_for_earlier, 0) as paid_for_earlier,
        coalesce(open_amounts.unexplained, 0) as unexplained
    from months
    left join sales on months.shop = sales.shop and months.month_start = sales.month_start
    left join redeemed on months.shop = redeemed.shop and months.month_start = redeemed.month_start
    left join open_amounts on months.shop = open_amounts.shop and months.month_start = open_amounts.month_start

),

ways as (

    select
        gateways.shop,
        gateways.month_start,
        gateways.gateway,
        -- An account that is no longer read tells nothing of the months since.
        gateways.gateway = 'shopify_payments'
        and coalesce(
            accounts.is_read
            and gateways.month_start <= {{ month_of(shop_date('accounts.read_up_to', 'shops.timezone')) }},
            false
        ) as is_account_read,
        coalesce(payments.received, 0) as received,
        payments.fee,
        coalesce(payments.misses_fees, false) as misses_fees
    from gateways
    left join payments
        on
            gateways.shop = payments.shop
            and gateways.month_start = payments.month_start
            and gateways.gateway = payments.gateway
    left join accounts on gateways.shop = accounts.shop
    left join shops on gateways.shop = shops.shop

),

rows_of_steps as (

    {% for step, known in sales_steps -%}
    select
        shop,
        month_start,
        {{ loop.index }} as step_number,
        '{{ step }}' as step,
        null as gateway,
        {{ step }} as amount,
        '{{ known }}' as known_by,
        null as currency_code
    from wide
    union all
    {% endfor -%}
    select
        shop,
        month_start,
        8 as step_number,
        'money_received' as step,
        gateway,
        received as amount,
        'payments' as known_by,
        null as currency_code
    from ways
    union all
    {% for step, number, known, always in account_steps -%}
    select
        ways.shop,
        ways.month_start,
        {{ number }} as step_number,
        '{{ step }}' as step,
        ways.gateway,
        coalesce(moved.amount, 0) as amount,
        '{{ known }}' as known_by,
        null as currency_code
    from ways
    left join moved
        on
            ways.shop = moved.shop
            and ways.month_start = moved.month_start
            and moved.step = '{{ step }}'
    where ways.is_account_read{{ "" if always else " and moved.amount <> 0" }}
    union all
    {% endfor -%}
    -- Without the account, a payment's own fees are all that is known; gateways of others tell nothing.
    select
        shop,
        month_start,
        9 as step_number,
        'fees' as step,
        gateway,
        -fee as amount,
        case
            when fee is null then 'not available'
            when misses_fees then 'some payments'
            else 'payments'
        end as known_by,
        null as currency_code
    from ways
    where not is_account_read
    union all
    select
        shop,
        month_start,
        19 as step_number,
        'paid_out' as step,
        gateway,
        null as amount,
        'not available' as known_by,
        null as currency_code
    from ways
    where not is_account_read
    union all
    -- Money of another currency stands apart and is part of no sum.
    select
        shop,
        month_start,
        20 as step_number,
        'paid_out_in_another_currency' as step,
        'shopify_payments' as gateway,
        net as amount,
        'payouts' as known_by,
        currency_code
    from payouts
    where not is_shop_currency

),

final as (

    select
        steps.shop,
        steps.month_start,

        steps.step_number,
        steps.step,
        steps.gateway,
        coalesce(steps.currency_code, shops.currency_code) as currency_code,
        steps.known_by,
        {{ month_of(open_since()) }} <= steps.month_start as is_open,

        {{ money('steps.amount') }} as amount
    from rows_of_steps as steps
    left join shops on steps.shop = shops.shop

)

select * from final
