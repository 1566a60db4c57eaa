"""Reference values of HEALPix from astropy-healpix (healpix.c of astrometry.net), as JSON; numbers as text."""
import json, sys
import astropy.units as u, numpy as np
from astropy_healpix import HEALPix

request = json.load(sys.stdin)
lon, lat = np.array(request['ra']) * u.deg, np.array(request['dec']) * u.deg
text = lambda array: [str(int(each)) for each in np.ravel(array)]
answer = {'nest': {}, 'centre': {}, 'neighbours': {}, 'cone': []}
for order in request['orders']:
    h = HEALPix(2 ** order, order='nested')
    pixels = h.lonlat_to_healpix(lon, lat)
    ra, dec = h.healpix_to_lonlat(pixels)
    answer['nest'][order] = text(pixels)
    answer['centre'][order] = {'ra': ra.deg.tolist(), 'dec': dec.deg.tolist()}
for order, pixels in request['neighbours'].items():
    h = HEALPix(2 ** int(order), order='nested')
    found = h.neighbours(np.array([int(each) for each in pixels]))
    answer['neighbours'][order] = [sorted({int(n) for n in column if n >= 0}) for column in found.T]
    answer['neighbours'][order] = [[str(n) for n in each] for each in answer['neighbours'][order]]
for ra, dec, radius, order in request['cones']:
    h = HEALPix(2 ** order, order='nested')
    answer['cone'].append(text(np.sort(h.cone_search_lonlat(ra * u.deg, dec * u.deg, radius * u.deg))))
json.dump(answer, sys.stdout)
