"""Roads of Python into the database, and scans of single columns. Debian's packages.

load-peers.py ROAD FILE URL TABLE     one of ROADS: both HDUs read, joined and sent; prints seconds
load-peers.py scan-astropy FILE       three columns as arrays in the machine's byte order, summed; prints seconds
load-peers.py scan-fitsio FILE        the same by fitsio

Ends with status 3 and the name of a module that is not installed.
"""

import io
import sys
import time
import warnings

COLUMNS = {
    "METADATA": ["TARGETID", "RA", "DEC", "Z", "ZWARN", "SPECTYPE"],
    "SPECPHOT": ["LOGMSTAR", "SFR", "VDISP", "DN4000"],
}
SCANNED = {"METADATA": ["TARGETID", "Z"], "SPECPHOT": ["LOGMSTAR"]}


def native(column):
    return column.astype(column.dtype.newbyteorder("="))


def by_table(path):
    frames = []
    for hdu, names in COLUMNS.items():
        table = Table.read(path, hdu=hdu)
        table.keep_columns(names)
        table.convert_bytestring_to_unicode()
        frames.append(table.to_pandas())
    return pandas.concat(frames, axis=1)


def by_mapping(path):
    with fits.open(path, memmap=True) as hdus:
        return pandas.DataFrame(
            {name: native(hdus[hdu].data[name]) for hdu, names in COLUMNS.items() for name in names}
        )


def copy(frame, url, table):
    text = io.StringIO()
    frame.to_csv(text, index=False, header=False)
    text.seek(0)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({names_of(frame)}) FROM STDIN WITH CSV", text)


def names_of(frame):
    return ", ".join(name.lower() for name in frame.columns)


def rows_of(frame):
    """As Python objects: psycopg2 knows none of numpy's."""
    return list(zip(*(frame[name].tolist() for name in frame.columns)))


def one_by_one(frame, table):
    return f"INSERT INTO {table} ({names_of(frame)}) VALUES ({', '.join(['%s'] * len(frame.columns))})"


def insert_values(frame, url, table):
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        sql = f"INSERT INTO {table} ({names_of(frame)}) VALUES %s"
        execute_values(cursor, sql, rows_of(frame), page_size=10_000)


def insert_many(frame, url, table):
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.executemany(one_by_one(frame, table), rows_of(frame))


def insert_rows(frame, url, table):
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        sql = one_by_one(frame, table)
        for _, row in frame.iterrows():
            cursor.execute(sql, tuple(row))


def to_sql(method):
    def send(frame, url, table):
        schema, name = table.split(".")
        engine = sqlalchemy.create_engine(url.replace("postgres://", "postgresql://"))
        # PostgreSQL takes 65,535 parameters in a statement.
        size = 5_000 if method else None
        frame.rename(columns=str.lower).to_sql(
            name, engine, schema=schema, if_exists="append", index=False, method=method, chunksize=size
        )

    return send


ROADS = {
    "copy": (by_table, copy),
    "copy-mapped": (by_mapping, copy),
    "values": (by_table, insert_values),
    "executemany": (by_table, insert_many),
    "iterrows": (by_table, insert_rows),
    "to-sql": (by_table, to_sql(None)),
    "to-sql-multi": (by_table, to_sql("multi")),
}


def scan_astropy(path):
    with fits.open(path, memmap=True) as hdus:
        for hdu, names in SCANNED.items():
            for name in names:
                numpy.sum(native(hdus[hdu].data[name]))


def scan_fitsio(path):
    with fitsio.FITS(path) as hdus:
        for hdu, names in SCANNED.items():
            data = hdus[hdu].read(columns=names)
            for name in names:
                numpy.sum(native(data[name]))


what, path, *rest = sys.argv[1:]
# Imports are not timed, and each way has only those that it needs.
try:
    import numpy

    if what == "scan-fitsio":
        import fitsio
    else:
        from astropy.io import fits
    if what in ROADS:
        import pandas
        import psycopg2
        from astropy.table import Table
        from psycopg2.extras import execute_values

        # Of units that are not in the FITS standard.
        warnings.simplefilter("ignore")
    if what.startswith("to-sql"):
        import sqlalchemy
except ModuleNotFoundError as missing:
    print(missing.name)
    sys.exit(3)
started = time.perf_counter()
if what in ROADS:
    read, send = ROADS[what]
    send(read(path), *rest)
elif what == "scan-fitsio":
    scan_fitsio(path)
else:
    scan_astropy(path)
print(time.perf_counter() - started)
