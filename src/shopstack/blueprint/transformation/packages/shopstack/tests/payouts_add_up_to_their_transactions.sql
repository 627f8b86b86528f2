{{ config(severity = 'warn') }}
-- What Shopify Payments paid out is what moved in the balance for it, fees taken off. A warning, since a payout and its
-- movements are read one after the other; the next reading brings them together.
select
    'the payout is not the sum of its movements' as problem,
    match_key as row_key
from {{ ref('payout_match') }}
where state = 'differs'
