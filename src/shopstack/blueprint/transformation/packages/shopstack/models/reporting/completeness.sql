with loads as (

    select * from {{ ref('stg_loads') }}

),

-- Objects leave a window of changes while it is read, and none can enter one that has ended: the count only falls.
final as (

    select
        load_key,
        load_id,
        shop,
        stream,

        method,
        count_before is not null and count_after is not null as is_counted,
        coalesce(landed_roots <= count_before, true) and coalesce(landed_roots >= count_after, true) as is_complete,

        count_before,
        landed_roots,
        count_after,
        landed_objects,

        window_from,
        window_to,
        loaded_at
    from loads

)

select * from final
