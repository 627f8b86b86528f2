with source as (

    select * from {{ source('shopify', 'discount_codes') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as discount_code_key,
        _shop as shop,
        id as discount_code_id,
        {{ shop_key('_root_id') }} as discount_key,

        code,

        usage_count
    from source

)

select * from renamed
