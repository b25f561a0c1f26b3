"""The machine the kit runs on: installed packages, folders, processes, spreadsheets that take cells for formulas."""
