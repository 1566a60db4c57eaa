"""The road of astropy, pandas and psycopg2; and astropy's scan of single columns. Debian's packages.

load-peers.py copy FILE URL ROWS TABLE   columns of METADATA and SPECPHOT -> DataFrame -> CSV -> COPY; prints seconds
load-peers.py scan FILE                  three columns as arrays in the machine's byte order; prints seconds
"""

import io
import sys
import time

import numpy
from astropy.io import fits

METADATA = ["TARGETID", "RA", "DEC", "Z", "ZWARN", "SPECTYPE"]
SPECPHOT = ["LOGMSTAR", "SFR", "VDISP", "DN4000"]


def native(column):
    return column.astype(column.dtype.newbyteorder("="))


def copy(path, url, rows, table):
    with fits.open(path, memmap=True) as hdus:
        columns = {name.lower(): native(hdus["METADATA"].data[name][:rows]) for name in METADATA}
        columns |= {name.lower(): native(hdus["SPECPHOT"].data[name][:rows]) for name in SPECPHOT}
    frame = pandas.DataFrame(columns)
    text = io.StringIO()
    frame.to_csv(text, index=False, header=False)
    text.seek(0)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH CSV", text)


def scan(path):
    with fits.open(path, memmap=True) as hdus:
        for hdu, name in (("METADATA", "TARGETID"), ("METADATA", "Z"), ("SPECPHOT", "LOGMSTAR")):
            numpy.sum(native(hdus[hdu].data[name]))


if sys.argv[1] == "copy":
    # Imports are not timed; scans don't need these two.
    import pandas
    import psycopg2
started = time.perf_counter()
if sys.argv[1] == "copy":
    copy(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
else:
    scan(sys.argv[2])
print(time.perf_counter() - started)
