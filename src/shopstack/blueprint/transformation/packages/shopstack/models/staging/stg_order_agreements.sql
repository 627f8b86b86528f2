with source as (

    select * from {{ source('shopify', 'order_agreements') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as agreement_key,
        _shop as shop,
        id as agreement_id,
        {{ shop_key('_root_id') }} as order_key,
        refund_id,

        type as agreement_type,
        reason,

        happened_at,

        _load_id as load_id
    from source

)

select * from renamed
