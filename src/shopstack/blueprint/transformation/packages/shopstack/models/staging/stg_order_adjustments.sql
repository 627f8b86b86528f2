with source as (

    select * from {{ source('shopify', 'order_adjustments') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as adjustment_key,
        _shop as shop,
        {{ shop_key('_root_id') }} as order_key,
        {{ shop_key('_parent_id') }} as refund_key,

        reason,

        amount,
        tax_amount,

        _load_id as load_id
    from source

)

select * from renamed
