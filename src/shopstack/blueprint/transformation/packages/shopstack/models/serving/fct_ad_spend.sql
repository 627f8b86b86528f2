with spend as (

    select * from {{ ref('stg_ad_spend') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

final as (

    select
        spend.shop || '|' || spend.ad_channel || '|' || cast(spend.date_day as {{ dbt.type_string() }}) as ad_spend_key,
        spend.shop,

        spend.ad_channel,
        shops.currency_code,

        {{ money('sum(spend.amount)') }} as amount,

        spend.date_day
    from spend
    left join shops on spend.shop = shops.shop
    group by spend.shop, spend.ad_channel, spend.date_day, shops.currency_code

)

select * from final
