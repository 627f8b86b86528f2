with used as (

    select
        discount_key,
        shop,
        discount_method,
        max(discount_name) as discount_name
    from {{ ref('bridge_order_discounts') }}
    group by discount_key, shop, discount_method

),

discounts as (

    select * from {{ ref('stg_discounts') }}

),

-- What customers type for a discount with codes, and what orders show for an automatic one.
named as (

    select
        codes.shop,
        'code' as discount_method,
        codes.code as discount_name,
        codes.discount_key as shopify_discount_key
    from {{ ref('stg_discount_codes') }} as codes
    where codes.code is not null
    union all
    select
        discounts.shop,
        'automatic' as discount_method,
        discounts.title as discount_name,
        discounts.discount_key as shopify_discount_key
    from discounts
    where discounts.method = 'automatic' and discounts.title is not null

),

-- A name that several discounts had in turn stands for the newest of them.
ranked as (

    select
        {{ discount_key('named.shop', 'named.discount_method', 'named.discount_name') }} as discount_key,
        named.shop,
        named.discount_method,
        named.discount_name,
        named.shopify_discount_key,
        row_number() over (
            partition by {{ discount_key('named.shop', 'named.discount_method', 'named.discount_name') }}
            order by discounts.created_at desc nulls last, named.shopify_discount_key desc nulls last
        ) as place_in_line
    from named
    left join discounts on named.shopify_discount_key = discounts.discount_key

),

newest as (

    select * from ranked
    where place_in_line = 1

),

keys as (

    select discount_key from used
    union
    select discount_key from newest

),

final as (

    select
        keys.discount_key,
        coalesce(newest.shop, used.shop) as shop,
        discounts.discount_id,

        coalesce(newest.discount_method, used.discount_method) as discount_method,
        coalesce(newest.discount_name, used.discount_name) as discount_name,
        discounts.title,
        discounts.kind,
        discounts.summary,
        discounts.status,
        used.discount_key is not null as is_used,
        discounts.currency_code,

        {{ share('discounts.percentage') }} as percentage,
        discounts.amount,

        discounts.starts_at,
        discounts.ends_at
    from keys
    left join used on keys.discount_key = used.discount_key
    left join newest on keys.discount_key = newest.discount_key
    left join discounts on newest.shopify_discount_key = discounts.discount_key

)

select * from final
