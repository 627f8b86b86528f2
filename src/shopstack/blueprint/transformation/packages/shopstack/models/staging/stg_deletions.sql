with source as (

    select * from {{ source('shopify', 'deletions') }}
    where _deleted_at is null and {{ is_whole_shop() }}

),

renamed as (

    select
        {{ shop_key('id') }} as deletion_key,
        _shop as shop,
        id as event_id,
        {{ shop_key('subject_id') }} as subject_key,
        subject_id,

        subject_type,
        app_title,
        coalesce(by_app, false) as is_by_app,

        created_at as deleted_at
    from source

)

select * from renamed
