-- HEALPix in the nested order (Gorski et al. 2005, ApJ 622, 759): the arithmetic of pixel.ts on the server.
-- 1e-100 keeps products from the underflow that PostgreSQL refuses.

CREATE OR REPLACE FUNCTION public.healpix_nest(pixel_order integer, ra double precision, decl double precision)
RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 200
AS $$
DECLARE
  quarters double precision;
  z double precision;
  a double precision;
  b double precision;
  east integer;
  west integer;
  face bigint;
  side bigint;
  x bigint;
  y bigint;
BEGIN
  IF pixel_order < 0 OR pixel_order > 29 THEN
    RAISE EXCEPTION 'a HEALPix order of % is not from 0 to 29', pixel_order USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- NaN is above all numbers
  IF abs(ra) > 1.7976931348623157e308 OR abs(decl) > 1.7976931348623157e308 THEN
    RETURN NULL;
  END IF;
  ra := ra + 1e-100;
  quarters := (ra - 360 * floor(ra / 360)) / 90 + 1e-100;
  IF quarters >= 4 THEN
    quarters := 0;
  END IF;
  decl := radians(greatest(-90, least(90, decl + 1e-100)));
  z := sin(decl);
  IF abs(z) <= 2.0 / 3.0::double precision THEN
    a := quarters + 0.5 + 0.75 * z;
    b := quarters + 0.5 - 0.75 * z;
    east := floor(a);
    west := floor(b);
    face := CASE WHEN east = west THEN 4 + east % 4 WHEN east > west THEN west % 4 ELSE 8 + east % 4 END;
    a := a - east;
    b := 1 - (b - west);
  ELSE
    east := least(3, floor(quarters));
    a := quarters - east + 1e-100;
    b := cos(decl) / sqrt((1 + abs(z)) / 3);
    IF z > 0 THEN
      face := east;
      z := a * b;
      a := 1 - (1 - a) * b;
      b := 1 - z;
    ELSE
      face := 8 + east;
      z := a * b;
      b := (1 - a) * b;
      a := z;
    END IF;
  END IF;
  side := 1::bigint << pixel_order;
  x := greatest(0, least(side - 1, floor(a * side)::bigint));
  y := greatest(0, least(side - 1, floor(b * side)::bigint));
  x := (x | (x << 16)) & 281470681808895;
  x := (x | (x << 8)) & 71777214294589695;
  x := (x | (x << 4)) & 1085102592571150095;
  x := (x | (x << 2)) & 3689348814741910323;
  x := (x | (x << 1)) & 6148914691236517205;
  y := (y | (y << 16)) & 281470681808895;
  y := (y | (y << 8)) & 71777214294589695;
  y := (y | (y << 4)) & 1085102592571150095;
  y := (y | (y << 2)) & 3689348814741910323;
  y := (y | (y << 1)) & 6148914691236517205;
  RETURN (face << (2 * pixel_order)) | (y << 1) | x;
END $$;
COMMENT ON FUNCTION public.healpix_nest(integer, double precision, double precision)
  IS 'HEALPix pixel (nested) of an order that holds a position in degrees; NULL for NaN and infinity';

-- Position of a point of a pixel: dx and dy from 0 to 1 across it, 0.5 for the middle.
CREATE OR REPLACE FUNCTION public.healpix_nest_point(
  pixel_order integer, pixel bigint, dx double precision, dy double precision)
RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 200
AS $$
DECLARE
  x bigint := pixel & ((1::bigint << (2 * pixel_order)) - 1);
  y bigint := x >> 1;
  face integer := pixel >> (2 * pixel_order);
  px double precision;
  py double precision;
  ring double precision;
  from_pole double precision;
  turn double precision := 0;
BEGIN
  IF pixel_order < 0 OR pixel_order > 29 OR pixel < 0 OR face > 11 THEN
    RAISE EXCEPTION '% is no HEALPix pixel of order %', pixel, pixel_order USING ERRCODE = 'invalid_parameter_value';
  END IF;
  x := x & 6148914691236517205;
  x := (x | (x >> 1)) & 3689348814741910323;
  x := (x | (x >> 2)) & 1085102592571150095;
  x := (x | (x >> 4)) & 71777214294589695;
  x := (x | (x >> 8)) & 281470681808895;
  x := (x | (x >> 16)) & 4294967295;
  y := y & 6148914691236517205;
  y := (y | (y >> 1)) & 3689348814741910323;
  y := (y | (y >> 2)) & 1085102592571150095;
  y := (y | (y >> 4)) & 71777214294589695;
  y := (y | (y >> 8)) & 281470681808895;
  y := (y | (y >> 16)) & 4294967295;
  px := (x + dx) / (1::bigint << pixel_order);
  py := (y + dy) / (1::bigint << pixel_order);
  ring := 2 + (face >> 2) - px - py;
  from_pole := CASE WHEN ring < 1 THEN ring WHEN ring > 3 THEN 4 - ring ELSE 1 END;
  IF from_pole > 0 THEN
    turn := 45 * (2 * (face & 3) + CASE face >> 2 WHEN 1 THEN 0 ELSE 1 END + (px - py) / from_pole);
    turn := turn - 360 * floor(turn / 360);
  END IF;
  IF from_pole = 1 THEN
    RETURN ARRAY[turn, degrees(asin(2 * (2 - ring) / 3))];
  END IF;
  ring := CASE WHEN ring < 1 THEN 1 ELSE -1 END;
  px := from_pole * from_pole / 3;
  RETURN ARRAY[turn, ring * degrees(atan2(1 - px, sqrt(px * (2 - px))))];
END $$;

CREATE OR REPLACE FUNCTION public.healpix_nest_centre(pixel_order integer, pixel bigint)
RETURNS double precision[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN public.healpix_nest_point(pixel_order, pixel, 0.5, 0.5);
COMMENT ON FUNCTION public.healpix_nest_centre(integer, bigint)
  IS 'Right ascension and declination of the middle of a HEALPix pixel (nested), in degrees';

-- The pixels about a corner of a pixel, itself among them: a look in 12 directions, a hundredth of a pixel away.
CREATE OR REPLACE FUNCTION public.healpix_nest_around(
  pixel_order integer, pixel bigint, dx double precision, dy double precision)
RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5000
AS $$
DECLARE
  p double precision[] := public.healpix_nest_point(pixel_order, pixel, dx, dy);
  a double precision := radians(p[1]);
  d double precision := radians(p[2]);
  step double precision := 0.01 / (1::bigint << pixel_order);
  look double precision;
  x double precision;
  y double precision;
  z double precision;
  near bigint;
  found bigint[] := ARRAY[pixel];
BEGIN
  FOR k IN 0..11 LOOP
    look := radians(30.0 * k + 1e-6);
    x := cos(d) * cos(a) + step * (-cos(look) * sin(a) - sin(look) * sin(d) * cos(a));
    y := cos(d) * sin(a) + step * (cos(look) * cos(a) - sin(look) * sin(d) * sin(a));
    z := sin(d) + step * sin(look) * cos(d);
    near := public.healpix_nest(pixel_order, degrees(atan2(y, x)), degrees(atan2(z, sqrt(x * x + y * y))));
    IF near <> ALL (found) THEN
      found := found || near;
    END IF;
  END LOOP;
  RETURN found;
END $$;

CREATE OR REPLACE FUNCTION public.healpix_nest_neighbours(pixel_order integer, pixel bigint)
RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT array_agg(DISTINCT n ORDER BY n)
  FROM unnest(ARRAY[0, 1]::double precision[]) AS dx, unnest(ARRAY[0, 1]::double precision[]) AS dy,
    unnest(public.healpix_nest_around(pixel_order, pixel, dx, dy)) AS n
  WHERE n <> pixel
);
COMMENT ON FUNCTION public.healpix_nest_neighbours(integer, bigint)
  IS 'HEALPix pixels (nested) that share an edge or a corner with a pixel';

-- Pixels that a cone may touch: from the faces down, each pixel by its middle and its reach.
CREATE OR REPLACE FUNCTION public.healpix_nest_cone(
  pixel_order integer, ra double precision, decl double precision, radius double precision)
RETURNS SETOF bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
  WITH RECURSIVE centre AS (
    SELECT cos(radians(decl)) * cos(radians(ra)) AS x, cos(radians(decl)) * sin(radians(ra)) AS y, sin(radians(decl)) AS z
  ), walk(level, node) AS (
    SELECT 0, face::bigint FROM generate_series(0, 11) AS face
    UNION ALL
    SELECT level + 1, 4 * node + child
    FROM walk, centre AS c, generate_series(0, 3) AS child,
      LATERAL (SELECT public.healpix_nest_centre(level, node) AS p OFFSET 0) AS at
    WHERE level < pixel_order
      AND power(cos(radians(p[2])) * cos(radians(p[1])) - c.x, 2) + power(cos(radians(p[2])) * sin(radians(p[1])) - c.y, 2)
          + power(sin(radians(p[2])) - c.z, 2)
        <= power(2 * sin(least(pi(), radians(radius) + 1.07 / (1 << level) + 1e-14) / 2), 2)
  )
  SELECT node
  FROM walk, centre AS c, LATERAL (SELECT public.healpix_nest_centre(level, node) AS p OFFSET 0) AS at
  WHERE level = pixel_order
    AND power(cos(radians(p[2])) * cos(radians(p[1])) - c.x, 2) + power(cos(radians(p[2])) * sin(radians(p[1])) - c.y, 2)
        + power(sin(radians(p[2])) - c.z, 2)
      <= power(2 * sin(least(pi(), radians(radius) + 1.07 / (1 << level) + 1e-14) / 2), 2);
END;
COMMENT ON FUNCTION public.healpix_nest_cone(integer, double precision, double precision, double precision)
  IS 'HEALPix pixels (nested) that a cone touches, and some about its rim that it does not: right ascension, declination, radius in degrees';

-- The squared sine of half a distance, by the haversine; factors are kept from the underflow as above.
CREATE OR REPLACE FUNCTION public.healpix_sindist(
  double precision, double precision, double precision, double precision)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- The sine of infinity is an error of the server, and the row may be one that no index knows.
RETURN CASE WHEN greatest(abs($1), abs($2), abs($3), abs($4)) < 'Infinity' THEN
  power(sin(radians(($2 - $4 + 1e-100) / 2)), 2)
  + cos(radians($2 + 1e-100)) * cos(radians($4 + 1e-100)) * power(sin(radians(($1 - $3 + 1e-100) / 2)), 2)
ELSE 'NaN'::double precision + $1 + $2 + $3 + $4 END;

CREATE OR REPLACE FUNCTION public.healpix_distance(
  ra1 double precision, dec1 double precision, ra2 double precision, dec2 double precision)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN degrees(2 * asin(least(1, sqrt(greatest(0, public.healpix_sindist(ra1, dec1, ra2, dec2) + 1e-200 - 1e-200)))));
COMMENT ON FUNCTION public.healpix_distance(double precision, double precision, double precision, double precision)
  IS 'Distance in degrees between two positions in degrees';

-- One bound of one of the four ranges of numbers (order 29) that hold a circle: the pixels about the corner that lies
-- nearest to its middle, at an order where they are wide enough. Even bounds begin a range, odd ones end it; a range
-- that isn't needed begins after the last pixel and ends before the first.
CREATE OR REPLACE FUNCTION public.healpix_circle_bound(
  ra double precision, decl double precision, radius double precision, bound integer)
RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 500
AS $$
DECLARE
  fine bigint := public.healpix_nest(29, ra, decl);
  level integer;
  cell bigint;
  corner bigint;
  side bigint;
  x bigint;
  y bigint;
  near bigint;
  around bigint[];
BEGIN
  IF fine IS NULL THEN
    RAISE EXCEPTION 'the position of a circle is infinite or NaN' USING ERRCODE = 'numeric_value_out_of_range';
  END IF;
  level := CASE WHEN radius < 1e-8 THEN 28 WHEN radius <= 180 THEN floor(log(11.0 / radius) / 0.3010299956639812) ELSE -1 END;
  IF radius >= 0 AND level < 0 THEN
    RETURN CASE bound WHEN 0 THEN 0 WHEN 1 THEN 12::bigint << 58 ELSE CASE bound & 1 WHEN 0 THEN 9223372036854775807 ELSE -1 END END;
  END IF;
  level := least(level, 28);
  IF radius >= 0 AND level >= 0 THEN
    cell := fine >> (58 - 2 * level);
    IF bound < 2 THEN
      RETURN (cell + bound) << (58 - 2 * level);
    END IF;
    corner := (fine >> (56 - 2 * level)) & 3;
    side := 1::bigint << level;
    x := cell & (side * side - 1);
    y := (x >> 1) & 6148914691236517205;
    x := x & 6148914691236517205;
    x := (x | (x >> 1)) & 3689348814741910323;
    x := (x | (x >> 2)) & 1085102592571150095;
    x := (x | (x >> 4)) & 71777214294589695;
    x := (x | (x >> 8)) & 281470681808895;
    x := (x | (x >> 16)) & 4294967295;
    y := (y | (y >> 1)) & 3689348814741910323;
    y := (y | (y >> 2)) & 1085102592571150095;
    y := (y | (y >> 4)) & 71777214294589695;
    y := (y | (y >> 8)) & 281470681808895;
    y := (y | (y >> 16)) & 4294967295;
    IF x + 2 * (corner & 1) - 1 BETWEEN 0 AND side - 1 AND y + (corner & 2) - 1 BETWEEN 0 AND side - 1 THEN
      IF bound & 2 = 2 THEN x := x + 2 * (corner & 1) - 1; END IF;
      IF bound & 4 = 4 THEN y := y + (corner & 2) - 1; END IF;
      x := (x | (x << 16)) & 281470681808895;
      x := (x | (x << 8)) & 71777214294589695;
      x := (x | (x << 4)) & 1085102592571150095;
      x := (x | (x << 2)) & 3689348814741910323;
      x := (x | (x << 1)) & 6148914691236517205;
      y := (y | (y << 16)) & 281470681808895;
      y := (y | (y << 8)) & 71777214294589695;
      y := (y | (y << 4)) & 1085102592571150095;
      y := (y | (y << 2)) & 3689348814741910323;
      y := (y | (y << 1)) & 6148914691236517205;
      near := ((cell >> (2 * level)) << (2 * level)) | (y << 1) | x;
      RETURN (near + (bound & 1)) << (58 - 2 * level);
    END IF;
    -- over an edge of the face
    around := public.healpix_nest_around(level, cell, (corner & 1)::double precision, (corner >> 1)::double precision);
    near := around[1 + bound / 2];
    IF near IS NOT NULL THEN
      RETURN (near + (bound & 1)) << (58 - 2 * level);
    END IF;
  END IF;
  RETURN CASE bound & 1 WHEN 0 THEN 9223372036854775807 ELSE -1 END;
END $$;

-- Whether the indexed position (right) lies closer than a radius to another (left). What is always true is there for the
-- planner: without the containments it expects a billion pairs, and a comparison with a value that it doesn't know yet
-- counts for a third of all rows, so that it would rather compare all pairs in parallel than read four ranges by the
-- index. Two more comparisons bring each range down to an eightieth; they differ by range, because what all had in
-- common would be read by itself.
CREATE OR REPLACE FUNCTION public.healpix_join(
  leftra double precision, leftdec double precision,
  rightra double precision, rightdec double precision, radius double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    (public.healpix_nest(29, rightra, rightdec) >= public.healpix_circle_bound(leftra, leftdec, radius, 0)
     AND public.healpix_nest(29, rightra, rightdec) < public.healpix_circle_bound(leftra, leftdec, radius, 1)
     AND public.healpix_nest(29, rightra, rightdec) > CASE WHEN leftra > 0 THEN -1 ELSE -10 END
     AND public.healpix_nest(29, rightra, rightdec) < CASE WHEN leftra > 0 THEN 9223372036854775806 ELSE 9223372036854775797 END)
    OR (public.healpix_nest(29, rightra, rightdec) >= public.healpix_circle_bound(leftra, leftdec, radius, 2)
     AND public.healpix_nest(29, rightra, rightdec) < public.healpix_circle_bound(leftra, leftdec, radius, 3)
     AND public.healpix_nest(29, rightra, rightdec) > CASE WHEN leftra > 0 THEN -2 ELSE -11 END
     AND public.healpix_nest(29, rightra, rightdec) < CASE WHEN leftra > 0 THEN 9223372036854775805 ELSE 9223372036854775796 END)
    OR (public.healpix_nest(29, rightra, rightdec) >= public.healpix_circle_bound(leftra, leftdec, radius, 4)
     AND public.healpix_nest(29, rightra, rightdec) < public.healpix_circle_bound(leftra, leftdec, radius, 5)
     AND public.healpix_nest(29, rightra, rightdec) > CASE WHEN leftra > 0 THEN -3 ELSE -12 END
     AND public.healpix_nest(29, rightra, rightdec) < CASE WHEN leftra > 0 THEN 9223372036854775804 ELSE 9223372036854775795 END)
    OR (public.healpix_nest(29, rightra, rightdec) >= public.healpix_circle_bound(leftra, leftdec, radius, 6)
     AND public.healpix_nest(29, rightra, rightdec) < public.healpix_circle_bound(leftra, leftdec, radius, 7)
     AND public.healpix_nest(29, rightra, rightdec) > CASE WHEN leftra > 0 THEN -4 ELSE -13 END
     AND public.healpix_nest(29, rightra, rightdec) < CASE WHEN leftra > 0 THEN 9223372036854775803 ELSE 9223372036854775794 END))
  AND public.healpix_sindist(leftra, leftdec, rightra, rightdec) < power(sin(radians(radius) / 2), 2)
  AND point(leftra, rightra) <@ '((-Infinity,-Infinity),(Infinity,Infinity))'::box
  AND point(leftdec, rightdec) <@ '((-Infinity,-Infinity),(Infinity,Infinity))'::box;
COMMENT ON FUNCTION public.healpix_join(
  double precision, double precision, double precision, double precision, double precision)
  IS 'Whether the indexed position (right) lies closer than a radius to another (left), all in degrees';
