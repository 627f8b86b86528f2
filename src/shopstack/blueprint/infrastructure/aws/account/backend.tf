# In this folder: the root makes the bucket that the others keep their states in. It holds no secret, and can be made anew
# with `terraform import` (see the README).

terraform {
  backend "local" {}
}
