"""The same mapping by scipy's cKDTree, from database to database: COPY out, trees and look-ups in numpy, COPY in.

VoidFinder pairs with their margins and states, the pairs of V2's zones, and the effective-radius spheres, written to
the tables map and spheres of a schema of its own. Usage: voids-ckdtree.py URL SCHEMA GALAXIES PREFIX KEY OUT
"""

import subprocess
import sys
import time

import numpy as np
from scipy.spatial import cKDTree

url, schema, galaxies, prefix, key, out = sys.argv[1:7]
TOLERANCE = 1e-3
started = time.time()


def psql(sql, data=None):
    done = subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql],
        input=data, capture_output=True, check=True,
    )
    return done.stdout


def read(select, kinds):
    """A query's columns: every field comes as 8 bytes, so that rows of COPY BINARY are records."""
    raw = psql(f"COPY ({select}) TO STDOUT (FORMAT binary)")
    fields = [("n", ">i2")]
    for i, kind in enumerate(kinds):
        fields += [(f"l{i}", ">i4"), (f"v{i}", kind)]
    rows = np.frombuffer(raw, dtype=np.dtype(fields), offset=19, count=(len(raw) - 21) // np.dtype(fields).itemsize)
    return [rows[f"v{i}"].astype(kind[1:]) for i, kind in enumerate(kinds)]


def write(table, columns, arrays, kinds):
    fields, names = [("n", ">i2")], []
    for i, kind in enumerate(kinds):
        fields += [(f"l{i}", ">i4"), (f"v{i}", kind)]
        names.append(f"v{i}")
    rows = np.empty(len(arrays[0]), dtype=np.dtype(fields))
    rows["n"] = len(arrays)
    for i, (array, kind) in enumerate(zip(arrays, kinds)):
        rows[f"l{i}"] = int(kind[2:])
        rows[f"v{i}"] = array
    head = b"PGCOPY\n\xff\r\n\0" + bytes(8)
    psql(f"COPY {out}.{table} ({columns}) FROM STDIN (FORMAT binary)", head + rows.tobytes() + b"\xff\xff")


def distances(z, omega_m):
    """Comoving distance in Mpc/h from a table, linear between 20,000 nodes."""
    nodes = np.linspace(0, max(1e-3, z.max()) * 1.0001, 20001)
    rate = 1 / np.sqrt(omega_m * (1 + nodes) ** 3 + 1 - omega_m)
    steps = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(nodes))])
    return np.interp(z, nodes, 2997.92458 * steps)


def positions(ra, dec, r):
    a, d = np.radians(ra), np.radians(dec)
    return np.stack([r * np.cos(d) * np.cos(a), r * np.cos(d) * np.sin(a), r * np.sin(d)], axis=1)


def within(tree, points, centres, radii):
    """(galaxy, sphere, distance) for every galaxy in a sphere."""
    found = tree.query_ball_point(centres, radii, workers=-1)
    sphere = np.repeat(np.arange(len(found)), [len(each) for each in found])
    galaxy = np.concatenate([np.asarray(each, dtype=np.int64) for each in found]) if len(found) else sphere
    return galaxy, sphere, np.linalg.norm(points[galaxy] - centres[sphere], axis=1)


gid, ra, dec, z = read(
    f"SELECT {key}::bigint, ra::float8, dec::float8, z::float8 FROM {galaxies} WHERE z >= 0",
    [">i8", ">f8", ">f8", ">f8"],
)
order = np.argsort(gid)
map_galaxy, map_void, sphere_rows = [], [], []
trees = {}
releases = psql(f"COPY (SELECT void_catalog_source, cap, omega_m FROM {schema}.{prefix}_releases ORDER BY 1, 2) TO STDOUT")
for line in releases.decode().splitlines():
    source, cap, omega_m = line.split("\t")
    of = f"void_catalog_source = '{source}' AND cap = '{cap}'"
    if omega_m not in trees:
        points = positions(ra, dec, distances(z, float(omega_m)))
        trees[omega_m] = points, cKDTree(points)
    points, tree = trees[omega_m]
    number, void_id, x, y, w, radius = read(
        f"SELECT void_index::bigint, void_id::bigint, x::float8, y::float8, z::float8, radius::float8 FROM {schema}.{prefix}_voids WHERE {of}",
        [">i8", ">i8", ">f8", ">f8", ">f8", ">f8"],
    )
    id_of = np.full(number.max() + 2, -1)
    id_of[number] = void_id
    galaxy, sphere, distance = within(tree, points, np.stack([x, y, w], axis=1), radius)
    sphere_rows.append((gid[galaxy], void_id[sphere], distance, distance / radius[sphere]))
    if source == "VoidFinder":
        number, x, y, w, radius = read(
            f"SELECT void_index::bigint, x::float8, y::float8, z::float8, radius::float8 FROM {schema}.{prefix}_holes WHERE {of}",
            [">i8", ">f8", ">f8", ">f8", ">f8"],
        )
        galaxy, hole, distance = within(tree, points, np.stack([x, y, w], axis=1), radius + TOLERANCE)
        inside = distance - radius[hole] < -TOLERANCE
        pairs = np.unique(np.stack([gid[galaxy[inside]], id_of[number[hole[inside]]]], axis=1), axis=0)
        map_galaxy.append(pairs[:, 0])
        map_void.append(pairs[:, 1])
        continue
    zone, void0, void1 = read(
        f"SELECT zone::bigint, coalesce(void0, -1)::bigint, coalesce(void1, -1)::bigint FROM {schema}.{prefix}_zones WHERE {of}",
        [">i8", ">i8", ">i8"],
    )
    named = np.full((zone.max() + 2, 2), -1)
    named[zone, 0], named[zone, 1] = void0, void1
    target, of_zone = read(
        f"SELECT {key}::bigint, coalesce(zone, -1)::bigint FROM {schema}.{prefix}_galaxy_zones WHERE {of}", [">i8", ">i8"]
    )
    place = np.searchsorted(gid, target, sorter=order)
    known = (place < len(gid)) & (of_zone >= 0)
    known[known] = gid[order[place[known]]] == target[known]
    target, of_zone = target[known], of_zone[known]
    first, last = named[of_zone, 0], named[of_zone, 1]
    for void, keep in ((first, first >= 0), (last, (last >= 0) & (last != first))):
        map_galaxy.append(target[keep])
        map_void.append(id_of[void[keep]])

write("map", f"{key}, void_id", [np.concatenate(map_galaxy), np.concatenate(map_void)], [">i8", ">i4"])
joined = [np.concatenate(each) for each in zip(*sphere_rows)]
write("spheres", f"{key}, void_id, center_distance, center_distance_radii", joined, [">i8", ">i4", ">f8", ">f8"])
print(f"{time.time() - started:.3f} {sum(map(len, map_galaxy))} {len(joined[0])}")
