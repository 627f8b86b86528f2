# What dev is: its own names, its own budget, and whether it runs by itself. Nothing of AWS is asked.

mock_provider "aws" {}

run "it_is_dev_and_nothing_else" {
  assert {
    condition     = output.shopstack_toml == "[storage]\nurl = \"s3://shopstack-dev-111122223333\"\n"
    error_message = "The lines to paste name the bucket of dev."
  }
  assert {
    condition     = output.image_repository == "111122223333.dkr.ecr.us-east-1.amazonaws.com/shopstack-dev"
    error_message = "Images are pushed to the registry of dev."
  }
  assert {
    condition     = output.secret_names == { for name in ["SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET", "SNOWFLAKE_PRIVATE_KEY"] : name => "shopstack-dev/${name}" }
    error_message = "Shopify's and Snowflake's credentials are secrets of dev."
  }
}
