-- The steps of each month add up: from sales to the money received, and from that to what was paid out.
with steps as (

    select * from {{ ref('month_end') }}

),

sums as (

    select
        shop,
        month_start,
        'money_received' as total,
        sum(case when step_number < 8 then amount else 0 end) as of_steps,
        sum(case when step_number = 8 then amount else 0 end) as of_total
    from steps
    group by shop, month_start
    union all
    select
        shop,
        month_start,
        'paid_out by ' || gateway as total,
        sum(case when step_number between 8 and 18 then amount else 0 end) as of_steps,
        sum(case when step_number = 19 then amount end) as of_total
    from steps
    where gateway is not null
    group by shop, month_start, gateway

)

select
    total || ': the steps do not add up to it' as problem,
    shop || ', ' || cast(month_start as {{ dbt.type_string() }}) as row_key
from sums
where of_steps <> of_total
