with source as (

    select * from {{ source('shopify', 'gift_cards') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as gift_card_key,
        _shop as shop,
        id as gift_card_id,
        {{ shop_key('order_id') }} as order_key,

        coalesce(enabled, false) as is_enabled,

        initial_value,
        balance,
        currency as currency_code,

        created_at,
        updated_at,
        deactivated_at,
        expires_on
    from source

)

select * from renamed
