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

-- Neighbours by a look around each corner, in 12 directions and a hundredth of a pixel away.
CREATE OR REPLACE FUNCTION public.healpix_nest_neighbours(pixel_order integer, pixel bigint)
RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  WITH corner AS (
    SELECT radians(p[1]) AS a, radians(p[2]) AS d, 0.01 / (1::bigint << pixel_order) AS step
    FROM (
      SELECT public.healpix_nest_point(pixel_order, pixel, dx, dy) AS p
      FROM unnest(ARRAY[0, 1]::double precision[]) AS dx, unnest(ARRAY[0, 1]::double precision[]) AS dy
    ) AS c
  ), around AS (
    SELECT cos(d) * cos(a) + step * (-cos(look) * sin(a) - sin(look) * sin(d) * cos(a)) AS x,
      cos(d) * sin(a) + step * (cos(look) * cos(a) - sin(look) * sin(d) * sin(a)) AS y,
      sin(d) + step * sin(look) * cos(d) AS z
    FROM corner, (SELECT radians(30.0 * k) AS look FROM generate_series(0, 11) AS k) AS l
  ), found AS (
    SELECT DISTINCT public.healpix_nest(pixel_order, degrees(atan2(y, x)), degrees(atan2(z, sqrt(x * x + y * y)))) AS n FROM around
  )
  SELECT array_agg(n ORDER BY n) FROM found WHERE n <> pixel
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
