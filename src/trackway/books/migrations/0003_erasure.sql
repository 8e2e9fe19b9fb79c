-- Erasures. erased holds only digests of what must not come back; pending holds who is being erased, until it is done.
CREATE TABLE erased (site TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (site, digest)) WITHOUT ROWID;
CREATE TABLE erasures (
    id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, asked INTEGER NOT NULL, pending TEXT, receipt TEXT
);
