"""Writes a file with a column of every type, twice (EXTVER 1 and 2), and one with a table in compressed tiles.

    fits_every_type.py FOLDER
"""
import sys

import numpy as np
from astropy.io import fits

rows = 2
columns = [
    fits.Column('L', 'L', array=np.array([True, False])),
    fits.Column('X', '3X', array=np.array([[1, 0, 1], [0, 1, 0]], bool)),
    fits.Column('B', 'B', array=np.array([7, 255], 'u1'), null=255),
    fits.Column('K', 'K', array=np.array([2**53 + 1, -(2**63)], 'i8')),
    fits.Column('U', 'K', array=np.array([2**64 - 1, 0], 'u8'), bzero=2**63),
    fits.Column('E', 'E', array=np.array([0.1, -0.0], 'f4'), unit='mag'),
    fits.Column('D', '2D', array=np.array([[np.nan, -np.inf], [0.1, 5e-324]])),
    fits.Column('C', 'C', array=np.array([1 - 2j, 0.1], 'c8')),
    fits.Column('S', 'I', array=np.array([-5, 5], 'i2')),
    fits.Column('A', '6A', dim='(3,2)', array=np.array([['ab', 'c'], ['', 'xyz']], 'S3')),
    fits.Column('P', 'PJ()', array=np.array([np.array([1, 2], 'i4'), np.array([], 'i4')], object)),
]


def table(version):
    hdu = fits.BinTableHDU.from_columns(columns, name='EVERY', ver=version)
    hdu.header['TSCAL9'], hdu.header['TZERO9'] = 0.5, 10
    hdu.header.comments['TTYPE6'] = 'an apparent magnitude'
    hdu.header.comments['TTYPE7'] = f'as in version {version}'
    return hdu


primary = fits.PrimaryHDU()
primary.header['OMEGAM'] = (0.26, 'matter density')
primary.header['LONG'] = 'word ' * 30 + 'end'
fits.HDUList([primary, table(1), table(2)]).writeto(f'{sys.argv[1]}/every.fits')

# astropy sums the heap of its own tables wrongly, so the file to be verified has none.
plain = fits.BinTableHDU.from_columns(columns[:-1], name='PLAIN')
fits.HDUList([fits.PrimaryHDU(), plain]).writeto(f'{sys.argv[1]}/plain.fits', checksum=True)

plain.header['ZTABLE'] = True
image = fits.CompImageHDU(np.arange(100, dtype='i2').reshape(10, 10), name='MASK')
fits.HDUList([fits.PrimaryHDU(), plain, image]).writeto(f'{sys.argv[1]}/tiles.fits')
