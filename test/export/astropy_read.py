"""Prints, as JSON, what astropy reads in exported files: per column name, unit, description, UCD and cells as text.

A cell is null where astropy masks it; floats are the hexadecimal digits of their bytes, so that bits are compared. Of FITS files the
description and UCD are the cards TCOMMn and TUCDn; with a float column of a FITS file NaN is not told from a mask.
"""

import json
import struct
import sys
import warnings

import numpy as np
from astropy.io import fits
from astropy.io.votable import parse
from astropy.table import Table

warnings.simplefilter("ignore")


def leaf(value):
    if value is np.ma.masked or value is None:
        return None
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (float, np.floating)):
        single = isinstance(value, np.float32)
        return "nan" if np.isnan(value) else struct.pack(">f" if single else ">d", value).hex()
    if isinstance(value, bytes):
        return value.decode()
    return str(value)


def cell(value):
    if value is np.ma.masked:
        return None
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return leaf(value[()])
    if isinstance(value, (np.ndarray, list, tuple)):
        return [cell(each) for each in value]
    return leaf(value)


def read(path, form):
    if form == "votable":
        return parse(path).get_first_table().to_table(use_names_over_ids=True)
    return Table.read(path, format={"ecsv": "ascii.ecsv", "fits": "fits"}[form])


def extra(path, form, table):
    if form == "fits":
        header = fits.getheader(path, 1)
        return {
            header[f"TTYPE{n}"]: (header.get(f"TCOMM{n}"), header.get(f"TUCD{n}"))
            for n in range(1, header["TFIELDS"] + 1)
        }
    return {name: (table[name].description, (table[name].meta or {}).get("ucd")) for name in table.colnames}


def describe(path, form):
    table = read(path, form)
    more = extra(path, form, table)
    columns = []
    for name in table.colnames:
        column = table[name]
        unit = None if column.unit is None else str(column.unit)
        columns.append({
            "name": name,
            "dtype": column.dtype.str,
            "unit": unit,
            "description": more[name][0],
            "ucd": more[name][1],
            "cells": [cell(column[row]) for row in range(len(table))],
        })
    return columns


json.dump([describe(path, form) for form, path in (each.split("=", 1) for each in sys.argv[1:])], sys.stdout)
