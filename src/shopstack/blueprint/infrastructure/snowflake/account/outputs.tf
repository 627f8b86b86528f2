output "limits" {
  description = "Credits a month, and the warehouses that stop when they are used up."
  value = {
    for name, monitor in var.monitors : name => {
      credits    = monitor.credit_quota
      warehouses = monitor.warehouses
    }
  }
}
