with source as (

    select * from {{ source('shopify', 'customers') }}
    where {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as customer_key,
        _shop as shop,
        id as customer_id,

        state as account_state,
        first_name,
        last_name,
        email,

        number_of_orders,
        amount_spent,
        amount_spent_currency,

        created_at,
        updated_at
    from source

)

select * from renamed
