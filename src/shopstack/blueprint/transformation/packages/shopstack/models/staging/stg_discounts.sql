with source as (

    select * from {{ source('shopify', 'discounts') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as discount_key,
        _shop as shop,
        id as discount_id,

        case when type like 'DiscountCode%' then 'code' else 'automatic' end as method,
        case
            when type like '%Basic' then 'basic'
            when type like '%Bxgy' then 'buy x get y'
            when type like '%FreeShipping' then 'free shipping'
            else 'app'
        end as kind,
        title,
        summary,
        status,
        classes,
        once_per_customer,

        coalesce(percentage, got_percentage) as percentage,
        coalesce(amount, got_amount) as amount,
        coalesce(currency, got_currency) as currency_code,
        usage_count,
        usage_limit,
        codes_count,

        starts_at,
        ends_at,
        created_at,
        updated_at
    from source

)

select * from renamed
