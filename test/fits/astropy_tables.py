"""Oracle for FITS tables: writes random ones, and dumps the values of any as JSON.

    astropy_tables.py write FOLDER SEED FILES   random tables into FOLDER, then their dump
    astropy_tables.py dump FOLDER               dump of the files in FOLDER, which must verify without a warning

The dump is a list of files, each with its HDUs and columns. Elements of a cell come flat, in C order, as text:
integers in decimal, floats as x and the hexadecimal bits of their width, booleans as T and F.
"""
import glob
import json
import os
import sys
import warnings

import numpy as np
from astropy.io import fits

LETTERS = np.array(list("abcXYZ0189 _-'\"/&.()"))


def text(rng, width):
    length = int(rng.integers(0, width + 1))
    return ''.join(rng.choice(LETTERS, length)).rstrip()


def integers(rng, dtype, shape):
    info = np.iinfo(dtype)
    values = np.frombuffer(rng.bytes(int(np.prod(shape)) * np.dtype(dtype).itemsize), dtype).reshape(shape).copy()
    flat = values.reshape(-1)
    special = [info.min, info.max, 0, 1] + ([2**53 + 1, -(2**53) - 1] if info.max > 2**62 and info.min < 0 else [])
    for i in range(flat.size):
        if rng.random() < 0.3:
            flat[i] = special[int(rng.integers(len(special)))]
    return values


def floats(rng, dtype, shape):
    """Random bits (NaN payloads, denormals and all) and special values."""
    values = np.frombuffer(rng.bytes(int(np.prod(shape)) * np.dtype(dtype).itemsize), dtype).reshape(shape).copy()
    flat = values.reshape(-1)
    tiny = np.finfo(dtype).smallest_subnormal
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, tiny, -tiny, 1.5, 0.1], dtype)
    for i in range(flat.size):
        if rng.random() < 0.4:
            flat[i] = special[int(rng.integers(special.size))]
    return values


def complexes(rng, dtype, part, shape):
    return floats(rng, part, tuple(shape) + (2,)).view(dtype).reshape(shape)


def elements(rng, code, shape):
    if code == 'L':
        return rng.random(shape) < 0.5
    if code in 'BIJK':
        return integers(rng, {'B': 'u1', 'I': 'i2', 'J': 'i4', 'K': 'i8'}[code], shape)
    if code in 'ED':
        return floats(rng, {'E': 'f4', 'D': 'f8'}[code], shape)
    return complexes(rng, {'C': 'c8', 'M': 'c16'}[code], {'C': 'f4', 'M': 'f8'}[code], shape)


def plain_column(rng, name, rows):
    code = str(rng.choice(list('LBIJKEDCM')))
    repeat = int(rng.choice([1, 1, 1, 2, 3, 6]))
    options = {}
    if repeat == 6 and rng.random() < 0.7:
        options['dim'] = '(3,2)'
        array = elements(rng, code, (rows, 2, 3))
    else:
        array = elements(rng, code, (rows,) if repeat == 1 else (rows, repeat))
    if code in 'BIJK' and rng.random() < 0.4:
        options['null'] = int(rng.choice([0, 1, 127]))
    if rng.random() < 0.5:
        options['unit'] = str(rng.choice(['deg', 'h-1 Mpc', '1e-17 erg s-1 cm-2']))
    return fits.Column(name, f'{repeat}{code}', array=array, **options)


def unsigned_column(rng, name, rows):
    """The unsigned-integer convention; for bytes and 64 bits, which astropy can't scale back, as scaled columns."""
    code, dtype, zero = [('B', 'u1', -128), ('I', 'u2', 2**15), ('J', 'u4', 2**31), ('K', 'i8', 2**63)][
        int(rng.integers(4))
    ]
    if code in 'BK':
        column = fits.Column(name, code, array=integers(rng, dtype, (rows,)))
        column.later_scaling = (1, zero)
        return column
    return fits.Column(name, code, bzero=zero, array=integers(rng, dtype, (rows,)))


def scaled_column(rng, name, rows):
    """Stored values whose scaling the table adds to the header afterwards: astropy's own way back loses
    digits. Not K, whose scaling it can't read."""
    code = str(rng.choice(list('BIJED')))
    column = fits.Column(name, code, array=rng.integers(0, 100, rows))
    column.later_scaling = [(0.5, 10.0), (0.01, 0.0), (1.0, 2.5), (-3.0, 100.0)][int(rng.integers(4))]
    return column


def text_column(rng, name, rows):
    if rows > 0 and rng.random() < 0.3:
        array = np.array([[text(rng, 4) for _ in range(3)] for _ in range(rows)], dtype='S4').reshape(rows, 3)
        return fits.Column(name, '12A', dim='(4,3)', array=array)
    width = int(rng.integers(1, 30))
    return fits.Column(name, f'{width}A', array=np.array([text(rng, width) for _ in range(rows)], dtype=f'S{width}'))


def bit_column(rng, name, rows):
    repeat = int(rng.integers(1, 20))
    return fits.Column(name, f'{repeat}X', array=rng.random((rows, repeat)) < 0.5)


def heap_column(rng, name, rows):
    code = str(rng.choice(list('BIJKEDCM')))
    array = np.empty(rows, dtype=object)
    for i in range(rows):
        array[i] = elements(rng, code, (int(rng.integers(0, 7)),))
    return fits.Column(name, f"{rng.choice(['P', 'Q'])}{code}()", array=array)


def heap_text_column(rng, name, rows):
    """Without blanks, which astropy drops from the single characters that it reads back."""
    array = np.array([text(rng, 9).replace(' ', '_') for _ in range(rows)], dtype=object)
    return fits.Column(name, f"{rng.choice(['P', 'Q'])}A()", array=array)


def empty_column(rng, name, rows):
    return fits.Column(name, f"0{rng.choice(list('BIJKEDCM'))}", array=np.zeros((rows, 0)))


MAKERS = [plain_column, plain_column, plain_column, unsigned_column, scaled_column, text_column, bit_column, heap_column]
RARE_MAKERS = [heap_text_column, empty_column]


def table(rng, index):
    rows = int(rng.choice([0, 1, 2, 5, 17]))
    makers = [MAKERS[int(rng.integers(len(MAKERS)))] for _ in range(int(rng.integers(1, 9)))]
    if rng.random() < 0.2:
        makers.append(RARE_MAKERS[int(rng.integers(len(RARE_MAKERS)))])
    if rows == 0:
        makers = [plain_column if maker in (heap_column, *RARE_MAKERS) else maker for maker in makers]
    columns = [maker(rng, f'C{i}', rows) for i, maker in enumerate(makers)]
    hdu = fits.BinTableHDU.from_columns(columns, name=f'T{index % 4}', ver=index // 4 + 1)
    for n, column in enumerate(columns, 1):
        if hasattr(column, 'later_scaling'):
            hdu.header[f'TSCAL{n}'], hdu.header[f'TZERO{n}'] = column.later_scaling
    return hdu


def ascii_table(rng):
    rows = int(rng.integers(1, 9))
    reals = rng.standard_normal(rows) * 10.0 ** rng.integers(-9, 9, rows)
    return fits.TableHDU.from_columns(
        [
            fits.Column('TXT', 'A12', array=np.array([text(rng, 12) for _ in range(rows)], dtype='S12')),
            fits.Column('INT', 'I7', array=rng.integers(-99999, 999999, rows)),
            fits.Column('FIX', 'F20.6', array=np.round(reals, 6), unit='deg'),
            fits.Column('EXP', 'E17.9', array=reals.astype('f4')),
            fits.Column('DBL', 'D25.17', array=reals),
        ],
        name='ASCII',
    )


def write(folder, seed, files):
    rng = np.random.default_rng(seed)
    for i in range(files):
        hdus = fits.HDUList([fits.PrimaryHDU()] + [table(rng, k) for k in range(10)] + [ascii_table(rng)])
        hdus.writeto(os.path.join(folder, f'{i:03}.fits'))


def element_text(value):
    if isinstance(value, (bool, np.bool_)):
        return 'T' if value else 'F'
    if isinstance(value, np.complexfloating):
        return element_text(value.real) + ' ' + element_text(value.imag)
    if isinstance(value, np.floating):
        return 'x' + np.asarray(value).astype(value.dtype.newbyteorder('>')).tobytes().hex()
    if isinstance(value, np.integer):
        return str(int(value))
    return str(value)


def complex_texts(array):
    """Bits of real and imaginary parts, untouched by arithmetic."""
    part = np.ascontiguousarray(array).reshape(-1).view('f4' if array.dtype.itemsize == 8 else 'f8')
    part = part.reshape(-1, 2)
    return [element_text(re) + ' ' + element_text(im) for re, im in part]


def cell(value):
    array = np.asarray(value)
    if isinstance(value, np.char.chararray) and value.dtype.itemsize == np.dtype('U1').itemsize:
        return [''.join(value)]
    native = array.astype(array.dtype.newbyteorder('='))
    if array.dtype.kind == 'c':
        return complex_texts(native)
    return [element_text(v) for v in native.reshape(-1)]


def dump_hdu(hdu):
    columns = []
    for column in hdu.columns:
        values = hdu.data[column.name] if hdu.data is not None and len(hdu.data) else []
        if str(column.format).startswith('0'):
            # astropy has no rows for what takes no bytes.
            values = np.zeros((len(hdu.data), 0))
        columns.append({
            'name': column.name,
            'tform': str(hdu.header['TFORM%d' % (hdu.columns.names.index(column.name) + 1)]),
            'unit': column.unit,
            'null': column.null if column.null is None else str(column.null),
            'shape': list(values.shape[1:]) if isinstance(values, np.ndarray) else None,
            'cells': [cell(values[row]) for row in range(len(values))],
        })
    return {'name': hdu.name, 'version': hdu.ver, 'rows': hdu.header['NAXIS2'], 'columns': columns}


def card_text(value):
    if value is None or isinstance(value, fits.card.Undefined):
        return None
    return element_text(np.float64(value)) if isinstance(value, float) else element_text(value)


def dump(folder):
    files = []
    for path in sorted(glob.glob(os.path.join(folder, '*.fits'))):
        with fits.open(path, checksum=True) as hdus:
            hdus.verify('exception')
            primary = [[card.keyword, card_text(card.value)] for card in hdus[0].header.cards]
            tables = [dump_hdu(hdu) for hdu in hdus[1:]]
            files.append({'file': os.path.basename(path), 'primary': primary, 'hdus': tables})
    return files


if __name__ == '__main__':
    np.seterr(all='ignore')
    if sys.argv[1] == 'write':
        write(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        warnings.simplefilter('error')
    json.dump(dump(sys.argv[2]), sys.stdout)
