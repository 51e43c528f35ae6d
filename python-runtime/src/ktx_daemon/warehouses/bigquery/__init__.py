"""BigQuery, over REST with the login of google-auth."""
