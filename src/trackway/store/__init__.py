"""The store: ClickHouse SQL, by chDB in this process or by a ClickHouse server. Schema, connections, writing."""
