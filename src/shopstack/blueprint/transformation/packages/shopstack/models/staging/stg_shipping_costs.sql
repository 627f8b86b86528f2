with source as (

    select * from {{ merchants_seed('shipping_costs') }}

),

shops as (

    {{ names_of_shops() }}

),

renamed as (

    select
        shops.shop,

        {{ dbt.replace(cell('source.order_name'), "'#'", "''") }} as order_number,

        {{ money('source.amount') }} as amount,

        cast(source.from_date as date) as from_date,
        cast(source.to_date as date) as to_date
    from source
    inner join shops on coalesce({{ cell('source.shop') }}, '') = shops.name

)

select * from renamed
