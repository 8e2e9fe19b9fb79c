"""Events and files of them: NDJSON, CSV and Parquet, read line by line and written line by line."""
