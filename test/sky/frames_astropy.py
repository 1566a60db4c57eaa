"""Reference values of frames and space motions from astropy and its copy of the IAU's SOFA (erfa), as JSON."""
import json, sys
import erfa, numpy as np
import astropy.units as u
from astropy.coordinates import (FK5, ICRS, BarycentricMeanEcliptic, Galactic, SkyCoord, Supergalactic)
from astropy.time import Time

request = json.load(sys.stdin)
ra, dec = np.array(request['ra']), np.array(request['dec'])
points = SkyCoord(ra * u.deg, dec * u.deg, frame='icrs')

def both(c):
    s = c.spherical
    return {'lon': s.lon.deg.tolist(), 'lat': s.lat.deg.tolist()}

l, b = erfa.icrs2g(np.radians(ra), np.radians(dec))
answer = {
    'fk5': both(points.transform_to(FK5(equinox='J2000'))),
    'fk5:1975.5': both(points.transform_to(FK5(equinox='J1975.5'))),
    'fk5:2100': both(points.transform_to(FK5(equinox='J2100'))),
    'ecliptic': both(points.transform_to(BarycentricMeanEcliptic(equinox='J2000'))),
    'ecliptic:1950': both(points.transform_to(BarycentricMeanEcliptic(equinox='J1950'))),
    'galactic': {'lon': np.degrees(l).tolist(), 'lat': np.degrees(b).tolist()},
    'astropy galactic': both(points.galactic),
    'supergalactic of galactic': both(SkyCoord(ra * u.deg, dec * u.deg, frame=Galactic()).transform_to(Supergalactic())),
}
stars = []
for s in request['stars']:
    c = SkyCoord(s['ra'] * u.deg, s['dec'] * u.deg, pm_ra_cosdec=s['pmra'] * u.mas / u.yr, pm_dec=s['pmdec'] * u.mas / u.yr,
                 distance=(1000 / s['parallax']) * u.pc, radial_velocity=s['radialVelocity'] * u.km / u.s,
                 obstime=Time(s['epoch'], format='jyear', scale='tdb'))
    m = c.apply_space_motion(Time(s['to'], format='jyear', scale='tdb'))
    g = c.galactic
    stars.append({'ra': m.ra.deg, 'dec': m.dec.deg, 'pmra': m.pm_ra_cosdec.to_value('mas/yr'),
                  'pmdec': m.pm_dec.to_value('mas/yr'), 'parallax': 1000 / m.distance.pc,
                  'radialVelocity': m.radial_velocity.to_value('km/s'),
                  'pml': g.pm_l_cosb.to_value('mas/yr'), 'pmb': g.pm_b.to_value('mas/yr')})
answer['stars'] = stars
text = SkyCoord(request['text'], unit=(u.hourangle, u.deg))
answer['text'] = {'lon': text.ra.deg.tolist(), 'lat': text.dec.deg.tolist()}
json.dump(answer, sys.stdout)
