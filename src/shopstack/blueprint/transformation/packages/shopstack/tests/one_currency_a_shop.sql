-- Money of different currencies is never added: a shop that changed its currency must not be summed.
select
    shop,
    count(distinct currency_code) as currencies
from {{ ref('fct_orders') }}
group by shop
having count(distinct currency_code) > 1
