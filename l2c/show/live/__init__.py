"""What can be touched: the process map, the filter panel and the variants share one choice of cases."""
