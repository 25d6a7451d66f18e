"""Reader of Parquet files in the layout of Hugging Face datasets. Needs the extra ``[parquet]``."""
