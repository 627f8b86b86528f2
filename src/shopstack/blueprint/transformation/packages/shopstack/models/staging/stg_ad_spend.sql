with source as (

    select * from {{ merchants_seed('ad_spend') }}

),

shops as (

    {{ names_of_shops() }}

),

renamed as (

    select
        shops.shop,

        {{ cell('source.channel') }} as ad_channel,

        {{ money('source.amount') }} as amount,

        cast(source.date as date) as date_day
    from source
    inner join shops on coalesce({{ cell('source.shop') }}, '') = shops.name

)

select * from renamed
