-- One test for all of staging: what is read twice (windows overlap) must stand there once, and each row has its key.
{% set keys = {
    'stg_abandoned_checkout_lines': 'checkout_line_key',
    'stg_abandoned_checkouts': 'checkout_key',
    'stg_balance_transactions': 'balance_transaction_key',
    'stg_customers': 'customer_key',
    'stg_deletions': 'deletion_key',
    'stg_discount_codes': 'discount_code_key',
    'stg_discounts': 'discount_key',
    'stg_draft_order_lines': 'draft_order_line_key',
    'stg_draft_orders': 'draft_order_key',
    'stg_gift_cards': 'gift_card_key',
    'stg_inventory_items': 'inventory_item_key',
    'stg_inventory_items_observed': 'observation_key',
    'stg_inventory_levels': 'inventory_level_key',
    'stg_inventory_levels_observed': 'observation_key',
    'stg_loads': 'load_key',
    'stg_order_adjustments': 'adjustment_key',
    'stg_order_agreements': 'agreement_key',
    'stg_order_discount_applications': 'application_key',
    'stg_order_exchange_lines': 'exchange_line_key',
    'stg_order_fulfillment_lines': 'fulfillment_line_key',
    'stg_order_line_discounts': 'allocation_key',
    'stg_order_lines': 'line_key',
    'stg_order_refund_shipping': 'refund_shipping_key',
    'stg_order_returns': 'return_key',
    'stg_order_transaction_fees': 'transaction_fee_key',
    'stg_order_transactions': 'transaction_key',
    'stg_payouts': 'payout_key',
    'stg_product_variants': 'variant_key',
    'stg_product_variants_observed': 'observation_key',
    'stg_products': 'product_key',
    'stg_shop_locations': 'shop_location_key',
    'stg_streams': 'stream_key',
    'stg_tender_transactions': 'tender_transaction_key',
} %}

{% for model, key in keys.items() -%}
select
    '{{ key }} of {{ model }}: none, or more than one row' as problem,
    coalesce({{ key }}, 'null') as row_key
from {{ ref(model) }}
group by {{ key }}
having count(*) > 1 or {{ key }} is null
{{ "union all" if not loop.last }}
{% endfor %}
