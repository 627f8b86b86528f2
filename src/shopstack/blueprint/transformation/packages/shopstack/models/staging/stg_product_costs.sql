with source as (

    select * from {{ merchants_seed('product_costs') }}

),

shops as (

    {{ names_of_shops() }}

),

renamed as (

    select
        shops.shop,

        {{ cell('source.sku') }} as sku,

        {{ money('source.cost') }} as unit_cost,

        cast(source.from_date as date) as from_date
    from source
    inner join shops on coalesce({{ cell('source.shop') }}, '') = shops.name

)

select * from renamed
