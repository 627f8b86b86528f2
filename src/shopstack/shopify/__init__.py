"""Where the data comes from: Shopify's Admin GraphQL API, read completely and politely."""
