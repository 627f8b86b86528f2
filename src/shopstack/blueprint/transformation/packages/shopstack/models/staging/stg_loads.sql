with source as (

    select * from {{ source('shopstack', 'loads') }}

),

renamed as (

    select
        shop || '|' || cast(load_id as {{ dbt.type_string() }}) as load_key,
        load_id,
        shop,
        stream,

        method,
        api_version,

        count_before,
        landed_roots,
        landed_objects,
        count_after,

        window_from,
        window_to,
        loaded_at
    from source

)

select * from renamed
