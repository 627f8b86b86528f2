with source as (

    select * from {{ source('shopstack', 'streams') }}

),

cursors as (

    select * from {{ source('shopstack', 'cursors') }}

),

renamed as (

    select
        source.shop || '|' || source.stream as stream_key,
        source.shop,
        source.stream,

        source.state,
        source.reason,
        source.hint,
        source.missing_scope,

        source.visible_since,
        cursors.cursor_at,
        source.checked_at
    from source
    left join cursors on source.shop = cursors.shop and source.stream = cursors.stream

)

select * from renamed
