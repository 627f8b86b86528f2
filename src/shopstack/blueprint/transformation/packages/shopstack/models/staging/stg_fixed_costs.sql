with source as (

    select * from {{ merchants_seed('fixed_costs') }}

),

shops as (

    {{ names_of_shops() }}

),

renamed as (

    select
        shops.shop,

        {{ cell('source.name') }} as cost_name,

        {{ money('source.amount') }} as amount,

        cast({{ dbt.date_trunc('month', 'cast(source.month as date)') }} as date) as month_start
    from source
    inner join shops on coalesce({{ cell('source.shop') }}, '') = shops.name

)

select * from renamed
