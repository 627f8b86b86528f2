with source as (

    select * from {{ source('shopify', 'sales_report_daily') }}
    where {{ is_whole_shop() }}

),

renamed as (

    select
        _shop as shop,
        day as date_day,

        {% for ours, theirs in compared_metrics() -%}
        {{ money(theirs) }} as {{ ours }},
        {% endfor %}

        _loaded_at as loaded_at
    from source

)

select * from renamed
