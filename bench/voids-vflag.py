"""VoidFinder's flags galaxy by galaxy, as VAST's calculate_vflag does its work: a stand-in of our own, for VAST is not to be had here.

For each galaxy the distances to all holes (numpy), void if one is less than the hole's radius; otherwise the mask at the
galaxy and at six points 10 Mpc/h away along the axes: 9 outside, 2 edge, 0 wall. VAST does the same with columns of an
astropy table, which is several times slower. Usage: voids-vflag.py URL SCHEMA GALAXIES PREFIX KEY; prints seconds and
the number of galaxies by flag.
"""

import subprocess
import sys
import time

import numpy as np

url, schema, galaxies, prefix, key = sys.argv[1:6]
EDGE = 10.0


def read(select, count):
    """The columns of a query, all double precision."""
    sql = f"COPY ({select}) TO STDOUT (FORMAT csv)"
    done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql], capture_output=True, check=True)
    return np.array([line.split(b",") for line in done.stdout.splitlines()], dtype=float).reshape(-1, count).T


ra, dec, z = read(f"SELECT ra, dec, z FROM {galaxies} ORDER BY {key}", 3)
hx, hy, hz, radius = read(f"SELECT x, y, z, radius FROM {schema}.{prefix}_holes ORDER BY hole_index", 4)
mask = read(f"SELECT inside FROM {schema}.{prefix}_voidfinder_mask ORDER BY pixel", 1).reshape(360, 180) == 1
(omega_m, low, high), = read(
    f"SELECT omega_m, distance_low, distance_high FROM {schema}.{prefix}_releases WHERE void_catalog_source = 'VoidFinder'", 3
).T
nodes = np.linspace(0, z.max() * 1.0001, 20001)
rate = 1 / np.sqrt(omega_m * (1 + nodes) ** 3 + 1 - omega_m)
steps = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(nodes))])
r = np.interp(z, nodes, 2997.92458 * steps)
a, d = np.radians(ra), np.radians(dec)
gx, gy, gz = r * np.cos(d) * np.cos(a), r * np.cos(d) * np.sin(a), r * np.sin(d)


def inside(x, y, z):
    """Whether the finder looked at this place."""
    distance = np.sqrt(x * x + y * y + z * z)
    if distance < low or distance > high:
        return False
    return mask[int(np.degrees(np.arctan2(y, x)) % 360), int(np.degrees(np.arcsin(z / distance))) + 90]


def flag(x, y, z):
    if np.any(np.sqrt((hx - x) ** 2 + (hy - y) ** 2 + (hz - z) ** 2) < radius):
        return 1
    if not inside(x, y, z):
        return 9
    for dx, dy, dz in ((EDGE, 0, 0), (0, EDGE, 0), (0, 0, EDGE)):
        if not (inside(x - dx, y - dy, z - dz) and inside(x + dx, y + dy, z + dz)):
            return 2
    return 0


started = time.time()
flags = np.array([flag(*each) for each in zip(gx, gy, gz)])
seconds = time.time() - started
print(f"{seconds:.3f}", *(f"{value}:{np.count_nonzero(flags == value)}" for value in (0, 1, 2, 9)))
