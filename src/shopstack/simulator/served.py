"""Which types the simulator serves, and which of their fields its documents hold.

Field names are those of Admin API version 2026-07. The reduced schema is cut from this table, and a test
holds every projected document against it.
"""

from __future__ import annotations

from collections.abc import Mapping


def _fields(names: str) -> frozenset[str]:
    return frozenset(names.split())


_SALE = _fields(
    "id actionType lineType quantity totalAmount totalTaxAmount totalDiscountAmountBeforeTaxes "
    "totalDiscountAmountAfterTaxes taxes"
)
_AGREEMENT = _fields("id app happenedAt reason sales")
_RETURN_LINE = _fields(
    "id quantity processedQuantity unprocessedQuantity processableQuantity refundableQuantity refundedQuantity "
    "returnReason returnReasonDefinition returnReasonNote customerNote"
)
_DISCOUNT_APPLICATION = _fields("index allocationMethod targetSelection targetType value")

_DISCOUNT = _fields("title status startsAt endsAt createdAt updatedAt discountClasses asyncUsageCount")
_BASKET = _fields(
    "id name createdAt updatedAt completedAt customer taxesIncluded shippingAddress billingAddress "
    "totalLineItemsPriceSet subtotalPriceSet totalTaxSet totalPriceSet taxLines lineItems"
)
_BASKET_LINE = _fields("id title variantTitle sku quantity product variant originalUnitPriceSet")

SERVED: Mapping[str, frozenset[str]] = {
    # The shop and its frame
    "Shop": _fields(
        "id name email contactEmail shopOwnerName myshopifyDomain primaryDomain url currencyCode "
        "enabledPresentmentCurrencies ianaTimezone timezoneAbbreviation timezoneOffset timezoneOffsetMinutes "
        "taxesIncluded taxShipping plan unitSystem weightUnit orderNumberFormatPrefix orderNumberFormatSuffix "
        "setupRequired createdAt updatedAt"
    ),
    "ShopPlan": _fields("displayName publicDisplayName partnerDevelopment shopifyPlus"),
    "Domain": _fields("id host url sslEnabled"),
    "App": _fields("id title handle embedded shopifyDeveloped"),
    "Location": _fields(
        "id legacyResourceId name address isActive isFulfillmentService isPrimary fulfillsOnlineOrders "
        "shipsInventory hasActiveInventory createdAt updatedAt"
    ),
    "LocationAddress": _fields(
        "address1 address2 city country countryCode formatted latitude longitude phone province provinceCode zip"
    ),
    # Catalogue
    "Product": _fields(
        "id legacyResourceId title handle vendor productType status tags isGiftCard description descriptionHtml "
        "hasOnlyDefaultVariant totalInventory totalVariants tracksInventory variantsCount options variants metafields "
        "createdAt updatedAt publishedAt"
    ),
    "Collection": _fields("id legacyResourceId title handle sortOrder templateSuffix updatedAt products"),
    "ProductOption": _fields("id name position values"),
    "ProductVariant": _fields(
        "id legacyResourceId title displayName sku barcode price compareAtPrice position taxable "
        "availableForSale inventoryPolicy inventoryQuantity sellableOnlineQuantity selectedOptions inventoryItem "
        "product metafields createdAt updatedAt"
    ),
    "SelectedOption": _fields("name value"),
    "InventoryItem": _fields(
        "id legacyResourceId sku tracked requiresShipping unitCost duplicateSkuCount variant inventoryLevels "
        "createdAt updatedAt"
    ),
    "InventoryLevel": _fields("id isActive canDeactivate item location quantities createdAt updatedAt"),
    "InventoryQuantity": _fields("id name quantity updatedAt"),
    # Customers
    "Customer": _fields(
        "id legacyResourceId displayName firstName lastName email phone defaultEmailAddress defaultAddress "
        "addresses addressesV2 metafields state tags note locale taxExempt verifiedEmail dataSaleOptOut numberOfOrders amountSpent "
        "lifetimeDuration lastOrder orders createdAt updatedAt"
    ),
    "CustomerEmailAddress": _fields("emailAddress validFormat marketingState"),
    "MailingAddress": _fields(
        "id firstName lastName name company address1 address2 city province provinceCode country countryCode "
        "countryCodeV2 zip phone latitude longitude coordinatesValidated formatted formattedArea"
    ),
    # Orders
    "Order": _fields(
        "id legacyResourceId name number createdAt processedAt updatedAt cancelledAt cancelReason closed closedAt "
        "confirmed test edited note tags email phone customer customerLocale customerJourneySummary app sourceName "
        "channelInformation retailLocation "
        "billingAddress shippingAddress displayAddress billingAddressMatchesShippingAddress "
        "currencyCode presentmentCurrencyCode taxesIncluded taxExempt estimatedTaxes dutiesIncluded "
        "displayFinancialStatus displayFulfillmentStatus returnStatus fullyPaid unpaid refundable capturable "
        "requiresShipping paymentGatewayNames discountCode discountCodes discountApplications "
        "subtotalLineItemsQuantity currentSubtotalLineItemsQuantity "
        "originalTotalPriceSet totalPriceSet currentTotalPriceSet subtotalPriceSet currentSubtotalPriceSet "
        "totalDiscountsSet currentTotalDiscountsSet totalTaxSet currentTotalTaxSet totalShippingPriceSet "
        "currentShippingPriceSet totalRefundedShippingSet totalTipReceivedSet totalReceivedSet totalRefundedSet "
        "netPaymentSet totalOutstandingSet totalCapturableSet refundDiscrepancySet "
        "taxLines currentTaxLines additionalFees lineItems shippingLines shippingLine agreements transactions "
        "transactionsCount refunds returns fulfillments metafields"
    ),
    "OrderApp": _fields("id name"),
    "CustomerJourneySummary": _fields("ready customerOrderIndex daysToConversion firstVisit lastVisit"),
    "CustomerVisit": _fields("id occurredAt source sourceType landingPage referrerUrl utmParameters"),
    "UTMParameters": _fields("source medium campaign term content"),
    "ChannelInformation": _fields("id channelId displayName channelDefinition app"),
    "ChannelDefinition": _fields("id handle channelName subChannelName isMarketplace"),
    "LineItem": _fields(
        "id name title variantTitle sku vendor product variant quantity currentQuantity refundableQuantity "
        "nonFulfillableQuantity unfulfilledQuantity isGiftCard taxable requiresShipping restockable merchantEditable "
        "originalUnitPriceSet originalTotalSet discountedUnitPriceSet discountedUnitPriceAfterAllDiscountsSet "
        "discountedTotalSet totalDiscountSet discountAllocations taxLines duties"
    ),
    "DiscountAllocation": _fields("allocatedAmountSet discountApplication"),
    "DiscountApplication": _DISCOUNT_APPLICATION,
    "DiscountCodeApplication": _DISCOUNT_APPLICATION | {"code"},
    "AutomaticDiscountApplication": _DISCOUNT_APPLICATION | {"title"},
    "ManualDiscountApplication": _DISCOUNT_APPLICATION | {"title", "description"},
    "ScriptDiscountApplication": _DISCOUNT_APPLICATION | {"title"},
    "PricingPercentageValue": _fields("percentage"),
    "PricingValue": frozenset(),
    "TaxLine": _fields("title rate ratePercentage priceSet source channelLiable"),
    "ShippingLine": _fields(
        "id title code source custom carrierIdentifier isRemoved originalPriceSet discountedPriceSet "
        "currentDiscountedPriceSet discountAllocations taxLines"
    ),
    "AdditionalFee": _fields("id name price taxLines"),
    "Duty": _fields("id countryCodeOfOrigin harmonizedSystemCode price taxLines"),
    "OrderTransaction": _fields(
        "id kind status test gateway formattedGateway manualPaymentGateway manuallyCapturable multiCapturable "
        "amountSet parentTransaction order createdAt processedAt fees"
    ),
    "TransactionFee": _fields("id amount flatFee flatFeeName rate rateName taxAmount type"),
    # Money outside orders
    "TenderTransaction": _fields(
        "id amount order paymentMethod processedAt remoteReference test transactionDetails"
    ),
    "TenderTransactionCreditCardDetails": _fields("creditCardCompany creditCardNumber"),
    "ShopifyPaymentsAccount": _fields(
        "id activated country defaultCurrency onboardable payouts balanceTransactions"
    ),
    "ShopifyPaymentsPayout": _fields(
        "id legacyResourceId status transactionType issuedAt net externalTraceId summary"
    ),
    "ShopifyPaymentsPayoutSummary": _fields(
        "chargesGross chargesFee refundsFeeGross refundsFee adjustmentsGross adjustmentsFee advanceGross "
        "advanceFees reservedFundsGross reservedFundsFee retriedPayoutsGross retriedPayoutsFee "
        "usdcRebateCreditAmount"
    ),
    "ShopifyPaymentsBalanceTransaction": _fields(
        "id type amount fee net transactionDate test sourceType sourceId sourceOrderTransactionId "
        "associatedOrder associatedPayout adjustmentReason"
    ),
    "ShopifyPaymentsAssociatedOrder": _fields("id name"),
    "ShopifyPaymentsBalanceTransactionAssociatedPayout": _fields("id status"),
    # What happened
    "BasicEvent": _fields(
        "id action appTitle attributeToApp attributeToUser author createdAt criticalAlert hasAdditionalContent message "
        "subjectId subjectType"
    ),
    # Shipping
    "Fulfillment": _fields(
        "id legacyResourceId name status displayStatus createdAt updatedAt inTransitAt deliveredAt "
        "estimatedDeliveryAt location order requiresShipping totalQuantity trackingInfo fulfillmentLineItems"
    ),
    "FulfillmentTrackingInfo": _fields("company number url"),
    "FulfillmentLineItem": _fields("id lineItem quantity originalTotalSet discountedTotalSet"),
    # Refunds and returns
    "Refund": _fields(
        "id legacyResourceId createdAt processedAt updatedAt note order return totalRefundedSet refundLineItems "
        "refundShippingLines orderAdjustments transactions duties"
    ),
    "RefundLineItem": _fields(
        "id lineItem location quantity restockType restocked priceSet subtotalSet totalTaxSet"
    ),
    "RefundShippingLine": _fields("id shippingLine subtotalAmountSet taxAmountSet"),
    "OrderAdjustment": _fields("id reason amountSet taxAmountSet"),
    "Return": _fields(
        "id name status createdAt requestApprovedAt closedAt decline order totalQuantity returnShippingFees refunds "
        "returnLineItems exchangeLineItems"
    ),
    "ReturnDecline": _fields("reason note"),
    "ReturnShippingFee": _fields("id amountSet"),
    "ReturnLineItemType": _RETURN_LINE,
    "ReturnLineItem": _RETURN_LINE
    | _fields("fulfillmentLineItem restockingFee withCodeDiscountedTotalPriceSet"),
    "UnverifiedReturnLineItem": _RETURN_LINE | {"unitPrice"},
    "ReturnReasonDefinition": _fields("id handle name deleted"),
    "RestockingFee": _fields("id amountSet percentage"),
    "ExchangeLineItem": _fields(
        "id lineItems variantId quantity processedQuantity processableQuantity unprocessedQuantity"
    ),
    "RefundDuty": _fields("amountSet originalDuty"),
    "Fee": _fields("id"),
    # The ledger
    "SalesAgreement": _AGREEMENT,
    "OrderAgreement": _AGREEMENT | {"order"},
    "OrderEditAgreement": _AGREEMENT,
    "RefundAgreement": _AGREEMENT | {"refund"},
    "ReturnAgreement": _AGREEMENT | {"return"},
    "Sale": _SALE,
    "ProductSale": _SALE | {"lineItem"},
    "GiftCardSale": _SALE | {"lineItem"},
    "TipSale": _SALE | {"lineItem"},
    "ShippingLineSale": _SALE | {"shippingLine"},
    "AdjustmentSale": _SALE,
    "DutySale": _SALE | {"duty"},
    "AdditionalFeeSale": _SALE | {"additionalFee"},
    "SaleAdditionalFee": _fields("id name price taxLines"),
    "FeeSale": _SALE | {"fee"},
    "UnknownSale": _SALE,
    "SaleTax": _fields("id amount taxLine"),
    # Discounts
    "DiscountNode": _fields("id discount"),
    **{
        f"Discount{kind}{gives}": _DISCOUNT
        | (_fields("usageLimit appliesOncePerCustomer codesCount codes") if kind == "Code" else frozenset())
        | (_fields("summary") if gives != "App" else frozenset())
        | (_fields("customerGets") if gives in ("Basic", "Bxgy") else frozenset())
        | (_fields("id") if (kind, gives) == ("Automatic", "Bxgy") else frozenset())
        for kind in ("Code", "Automatic")
        for gives in ("Basic", "Bxgy", "FreeShipping", "App")
    },
    "DiscountCustomerGets": _fields("value"),
    "DiscountPercentage": _fields("percentage"),
    "DiscountAmount": _fields("amount appliesOnEachItem"),
    "DiscountOnQuantity": _fields("effect quantity"),
    "DiscountQuantity": _fields("quantity"),
    "DiscountRedeemCode": _fields("id code asyncUsageCount"),
    # Gift cards
    "GiftCard": _fields(
        "id initialValue balance enabled createdAt updatedAt deactivatedAt expiresOn lastCharacters maskedCode "
        "order customer recipientAttributes note"
    ),
    "GiftCardRecipient": _fields("recipient preferredName message sendNotificationAt"),
    # Drafts and checkouts
    "DraftOrder": _BASKET
    | _fields(
        "legacyResourceId status invoiceSentAt order tags currencyCode presentmentCurrencyCode totalDiscountsSet "
        "totalShippingPriceSet totalQuantityOfLineItems email phone note2"
    ),
    "DraftOrderLineItem": _BASKET_LINE
    | _fields(
        "name uuid vendor custom isGiftCard requiresShipping taxable originalTotalSet totalDiscountSet "
        "discountedTotalSet approximateDiscountedUnitPriceSet"
    ),
    "AbandonedCheckout": _BASKET
    | _fields("discountCodes totalDiscountSet totalDutiesSet note abandonedCheckoutUrl"),
    "AbandonedCheckoutLineItem": _BASKET_LINE
    | _fields(
        "originalTotalPriceSet discountedTotalPriceSet discountedTotalPriceWithCodeDiscount discountedUnitPriceSet "
        "discountedUnitPriceWithCodeDiscount"
    ),
    # What apps and the merchant note beside objects
    "Metafield": _fields(
        "id legacyResourceId namespace key type value jsonValue ownerType createdAt updatedAt"
    ),
    # Money
    "MoneyBag": _fields("shopMoney presentmentMoney"),
    "MoneyV2": _fields("amount currencyCode"),
}
"""Type name -> names of the fields that documents hold (or that the store resolves with `related`)."""

RELATED: Mapping[str, Mapping[str, str]] = {
    "Customer": {"orders": "Order", "metafields": "Metafield"},
    "Order": {"metafields": "Metafield"},
    "Product": {"variants": "ProductVariant", "metafields": "Metafield"},
    "ProductVariant": {"metafields": "Metafield"},
    "Collection": {"products": "Product"},
    "ShopifyPaymentsAccount": {
        "payouts": "ShopifyPaymentsPayout",
        "balanceTransactions": "ShopifyPaymentsBalanceTransaction",
    },
}
"""Connections of root documents, not held in documents: type -> field -> type of its members (`Store.related`)."""

LISTED_AS: Mapping[str, str] = {"Event": "BasicEvent"}
"""Interface that a root connection lists -> the one type whose documents there are."""
