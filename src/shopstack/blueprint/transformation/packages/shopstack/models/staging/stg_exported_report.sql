with source as (

    select * from {{ source('shopstack', 'exported_report') }}
    where {{ is_whole_shop('shop') }}

),

renamed as (

    select
        shop,
        day as date_day,

        file,

        {% for ours, theirs in compared_metrics() -%}
        {{ money(theirs) }} as {{ ours }},
        {% endfor %}

        exported_at,
        loaded_at
    from source

)

select * from renamed
