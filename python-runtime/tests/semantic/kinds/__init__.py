"""The kinds of questions over time, groups, paths and filters, each compared with SQL written by hand."""
