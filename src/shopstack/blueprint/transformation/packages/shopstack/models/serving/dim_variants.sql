with variants as (

    select * from {{ ref('stg_product_variants') }}

),

final as (

    select
        variant_key,
        shop,
        variant_id,
        product_key,

        variant_title,
        sku,

        price,
        position,

        created_at,
        updated_at
    from variants

)

select * from final
