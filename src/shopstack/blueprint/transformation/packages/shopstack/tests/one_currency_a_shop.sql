-- Money of different currencies is never added: an order that was taken in another currency than the shop's must not be
-- summed with the others. What the customer saw and paid may be of any currency.
select
    orders.order_key as row_key,
    orders.currency_code || ', the shop has ' || shops.currency_code as problem
from {{ ref('fct_orders') }} as orders
inner join {{ ref('dim_shops') }} as shops on orders.shop = shops.shop
where orders.currency_code <> shops.currency_code
