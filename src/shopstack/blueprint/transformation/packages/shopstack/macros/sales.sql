{# How a sale of the ledger is read. Rules that Shopify does not document stand here and nowhere else. #}

{% macro sale_net(total, tax) -%}
    ({{ total }} - {{ tax }})
{%- endmacro %}

{% macro sale_gross(total, tax, discount) -%}
    ({{ total }} - {{ tax }} + {{ discount }})
{%- endmacro %}

{# Gift cards and tips are shown beside total sales, never inside. #}
{% macro is_in_scope(line_type) -%}
    (coalesce({{ line_type }}, 'UNKNOWN') not in ('GIFT_CARD', 'TIP'))
{%- endmacro %}

{# A reversal is a return, or an update that takes gross sales away. An update that only moves the discount
   counts as a discount (not documented: Shopify's reports are the judge). #}
{% macro is_reversal(action_type, gross) -%}
    (coalesce({{ action_type }}, '') = 'RETURN' or (coalesce({{ action_type }}, '') = 'UPDATE' and {{ gross }} < 0))
{%- endmacro %}

{# The one bucket of each sale. Line or action types that nobody listed are `unclassified`: shown, never dropped. #}
{% macro sales_class(line_type, action_type, gross, discount) -%}
    case
        when {{ line_type }} = 'GIFT_CARD' then 'gift_card'
        when {{ line_type }} = 'TIP' then 'tip'
        when coalesce({{ action_type }}, '') not in ('ORDER', 'RETURN', 'UPDATE') then 'unclassified'
        when {{ line_type }} = 'PRODUCT' and {{ is_reversal(action_type, gross) }} then 'reversal'
        when
            {{ line_type }} = 'PRODUCT' and {{ action_type }} = 'UPDATE' and {{ gross }} = 0 and {{ discount }} <> 0
            then 'discount'
        when {{ line_type }} = 'PRODUCT' then 'gross'
        when {{ line_type }} = 'ADJUSTMENT' then 'adjustment'
        when {{ line_type }} = 'SHIPPING' then 'shipping'
        when {{ line_type }} = 'DUTY' then 'duty'
        when {{ line_type }} = 'ADDITIONAL_FEE' then 'additional_fee'
        when {{ line_type }} = 'FEE' then 'return_fee'
        else 'unclassified'
    end
{%- endmacro %}

{# What a sale adds to each of these measures, by its class and its amounts. #}
{% macro sale_measures() -%}
        -- An update that leaves gross sales as they were changes a price's tax or discount: no goods move.
        case
            when sales_class not in ('gross', 'reversal') or (action_type = 'UPDATE' and gross_amount = 0) then 0
            else quantity
        end as units,
        case when sales_class in ('gross', 'discount') then gross_amount else 0 end as gross_sales,
        case when sales_class in ('gross', 'discount') then -discount_amount else 0 end as discounts,
        case when sales_class in ('reversal', 'adjustment') then net_amount else 0 end as sales_reversals,
        case
            when sales_class in ('gross', 'discount', 'reversal', 'adjustment') then net_amount else 0
        end as net_sales,
        case when sales_class = 'shipping' then net_amount else 0 end as shipping,
        case when sales_class = 'duty' then net_amount else 0 end as duties,
        case when sales_class = 'additional_fee' then net_amount else 0 end as additional_fees,
        case when sales_class = 'return_fee' then net_amount else 0 end as return_fees,
        case when sales_class = 'unclassified' then net_amount else 0 end as unclassified,
        case when is_in_scope then tax_amount else 0 end as taxes,
        case when is_in_scope then total_amount else 0 end as total_sales,
        case when sales_class = 'tip' then total_amount else 0 end as tips,
        case when sales_class = 'gift_card' then total_amount else 0 end as gift_cards_sold
{%- endmacro %}

{# The additive measures of a sale: a metric of any mart is a plain sum over one of them. #}
{% macro sales_metrics() -%}
    {{ return([
        "gross_sales",
        "discounts",
        "sales_reversals",
        "net_sales",
        "shipping",
        "duties",
        "additional_fees",
        "return_fees",
        "unclassified",
        "taxes",
        "total_sales",
        "tips",
        "gift_cards_sold",
    ]) }}
{%- endmacro %}

{# The metrics that Shopify's daily report has too: our name, and the report's. #}
{% macro compared_metrics() -%}
    {{ return([
        ("shopify_orders", "orders"),
        ("gross_sales", "gross_sales"),
        ("discounts", "discounts"),
        ("sales_reversals", "sales_reversals"),
        ("net_sales", "net_sales"),
        ("shipping", "shipping_charges"),
        ("duties", "duties"),
        ("additional_fees", "additional_fees"),
        ("return_fees", "return_fees"),
        ("taxes", "taxes"),
        ("total_sales", "total_sales"),
    ]) }}
{%- endmacro %}
