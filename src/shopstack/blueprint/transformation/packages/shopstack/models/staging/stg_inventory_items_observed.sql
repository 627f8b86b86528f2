with source as (

    select * from {{ source('shopify', 'inventory_items_observed') }}
    where {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} || '@' || cast(observed_at as {{ dbt.type_string() }}) as observation_key,
        {{ shop_key('id') }} as inventory_item_key,
        _shop as shop,
        sku,

        unit_cost,

        observed_on,
        observed_at
    from source

)

select * from renamed
