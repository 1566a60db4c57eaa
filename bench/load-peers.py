"""Roads of Python into the database, and scans of single columns. Debian's packages.

load-peers.py table FILE URL TABLE    Table.read of both HDUs -> pandas -> CSV -> COPY; prints seconds
load-peers.py values FILE URL TABLE ROWS   as table, but the first rows only and by execute_values; prints seconds
load-peers.py mapped FILE URL TABLE   only the columns, memory-mapped -> pandas -> CSV -> COPY; prints seconds
load-peers.py scan-astropy FILE       three columns as arrays in the machine's byte order, summed; prints seconds
load-peers.py scan-fitsio FILE        the same by fitsio
"""

import io
import sys
import time
import warnings

import numpy

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
    names = ", ".join(name.lower() for name in frame.columns)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN WITH CSV", text)


def insert(frame, url, table, rows):
    frame = frame.head(int(rows))
    names = ", ".join(name.lower() for name in frame.columns)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        # As Python objects: psycopg2 knows none of numpy's.
        values = list(zip(*(frame[name].tolist() for name in frame.columns)))
        execute_values(cursor, f"INSERT INTO {table} ({names}) VALUES %s", values, page_size=10_000)


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
if what == "scan-fitsio":
    import fitsio
else:
    from astropy.io import fits
if what in ("table", "values", "mapped"):
    import pandas
    import psycopg2
    from astropy.table import Table
    from psycopg2.extras import execute_values

    # Of units that are not in the FITS standard.
    warnings.simplefilter("ignore")
started = time.perf_counter()
if what == "table":
    copy(by_table(path), *rest)
elif what == "values":
    insert(by_table(path), *rest)
elif what == "mapped":
    copy(by_mapping(path), *rest)
elif what == "scan-fitsio":
    scan_fitsio(path)
else:
    scan_astropy(path)
print(time.perf_counter() - started)
