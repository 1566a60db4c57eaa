-- Joins: four ranges per row of the left table, cheap enough to compute for each row.

-- One bound of one of the four ranges of pixel numbers for a circle: bound 0 is where the first begins, 1
-- where it ends, 2 where the second begins ... A range that isn't needed begins after the last pixel and
-- ends before the first, which a B-tree recognises as empty without reading.
--
-- The ranges are those of the up to two by two pixels that the circle's box on the cube's face touches, at the
-- finest level whose pixels are as wide as the box, but no finer than 13 arc seconds: a finer one costs more range
-- borders than it saves candidates. The projection stretches by 1 + x^2 + y^2 at most, and that grows by no more
-- than 3.5 times the radius towards the circle's rim. A circle above 3.4 degrees, one over the face's edge or about
-- a pole goes the general way. This function runs eight times for each row of a join: every statement counts.
CREATE OR REPLACE FUNCTION @extschema@.q3c_join_bound(
  ra double precision, decl double precision, radius double precision,
  sin_radius double precision, bound integer)
RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 500
AS $$
DECLARE
  face integer;
  x double precision;
  y double precision;
  reach double precision;
  level integer;
  cells double precision;
  col bigint;
  line bigint;
  bits bigint;
  ranges bigint[];
BEGIN
  IF ra >= 0 AND ra <= 360 AND abs(decl) < 89.9999 AND sin_radius > 0 AND sin_radius < 0.06 THEN
    face := floor((ra + 45) / 90)::integer & 3; -- one less than its number
    y := tan(radians(decl + 1e-100)) / cos(radians(ra + 1e-100 - 90 * face)) + 1e-30;
    IF abs(y) <= 1 THEN
      x := tan(radians(ra + 1e-100 - 90 * face)) + 1e-30;
    ELSE
      x := sin(radians(ra + 1e-100)) / abs(tan(radians(decl + 1e-100))) + 1e-30;
      y := 1e-30 - cos(radians(ra + 1e-100)) / tan(radians(decl + 1e-100));
      face := CASE WHEN decl > 0 THEN -1 ELSE 4 END;
    END IF;
    reach := (1 + 3.5 * sin_radius) * sin_radius * (1 + x * x + y * y);
    IF abs(x) + reach < 1 AND abs(y) + reach < 1 THEN
      level := CASE WHEN reach < 3e-5 THEN 15 ELSE floor(-1e-9 - ln(reach) / 0.6931471805599453) END;
      cells := 1 << level;
      -- one level finer where a large circle's box happens to fit
      IF sin_radius > 0.001 AND floor((x + reach + 1) * cells) - floor((x - reach + 1) * cells) <= 1
         AND floor((y + reach + 1) * cells) - floor((y - reach + 1) * cells) <= 1 THEN
        level := level + 1;
        cells := 1 << level;
      END IF;
      col := floor((x - reach + 1) * cells / 2);
      line := floor((y - reach + 1) * cells / 2);
      IF bound & 2 = 2 THEN
        bits := floor((x + reach + 1) * cells / 2);
        IF bits = col THEN RETURN CASE bound & 1 WHEN 0 THEN 9223372036854775807 ELSE -1 END; END IF;
        col := bits;
      END IF;
      IF bound & 4 = 4 THEN
        bits := floor((y + reach + 1) * cells / 2);
        IF bits = line THEN RETURN CASE bound & 1 WHEN 0 THEN 9223372036854775807 ELSE -1 END; END IF;
        line := bits;
      END IF;
      bits := col + (line << 16);
      bits := (bits & 4278190335) | ((bits & 65280) << 8) | ((bits >> 8) & 65280);
      bits := (bits & 4027576335) | ((bits & 15728880) << 4) | ((bits >> 4) & 15728880);
      bits := (bits & 3284386755) | ((bits & 202116108) << 2) | ((bits >> 2) & 202116108);
      bits := (bits & 2576980377) | ((bits & 572662306) << 1) | ((bits >> 1) & 572662306);
      RETURN ((face + 1)::bigint << 60) + ((bits + (bound & 1)) << (60 - 2 * level));
    END IF;
  ELSIF abs(ra) > 1.7976931348623157e308 OR abs(decl) > 1.7976931348623157e308 THEN
    RAISE EXCEPTION 'The values of ra,dec are infinites or NaNs' USING ERRCODE = 'numeric_value_out_of_range';
  END IF;
  IF radius >= 0 AND radius <> 'NaN' THEN
    ranges := @extschema@.q3c_cone_ranges(ra, decl, radius, 4);
  END IF;
  RETURN coalesce(ranges[bound + 1], CASE bound & 1 WHEN 0 THEN 9223372036854775807 ELSE -1 END);
END $$;

-- The planner takes a comparison with a value that it doesn't know yet to hold for a third of all rows, so four ranges
-- for nearly half of the table, and would rather compare all pairs in parallel. Two further comparisons, always true and
-- cheap, bring each range down to an eightieth. They differ by range: what all had in common, the planner would read
-- by itself. For a constant position it sees that they are true.
CREATE OR REPLACE FUNCTION @extschema@.q3c_in_range(
  ipix bigint, first bigint, past bigint, unknown double precision, range bigint)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ipix >= first AND ipix < past
  AND ipix > CASE WHEN unknown > 0 THEN -range ELSE -range - 9 END
  AND ipix < CASE WHEN unknown > 0 THEN 9223372036854775807 - range ELSE 9223372036854775798 - range END;

CREATE OR REPLACE FUNCTION @extschema@.q3c_in_circle_ranges(
  ipix bigint, ra double precision, decl double precision, radius double precision, sin_radius double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_in_range(ipix, @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, 0), @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, 1), ra, 1)
  OR @extschema@.q3c_in_range(ipix, @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, 2), @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, 3), ra, 2)
  OR @extschema@.q3c_in_range(ipix, @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, 4), @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, 5), ra, 3)
  OR @extschema@.q3c_in_range(ipix, @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, 6), @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, 7), ra, 4);

-- Always true for numbers. The planner can't know how few pairs match; it believes the containment operator
-- to hold for one pair in a thousand, and without that it expects a billion rows and plans for them.
CREATE OR REPLACE FUNCTION @extschema@.q3c_rarely(
  double precision, double precision, double precision, double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN point($1, $3) <@ '((-Infinity,-Infinity),(Infinity,Infinity))'::box
  AND point($2, $4) <@ '((-Infinity,-Infinity),(Infinity,Infinity))'::box;

CREATE OR REPLACE FUNCTION @extschema@.q3c_join(
  leftra double precision, leftdec double precision,
  rightra double precision, rightdec double precision, radius double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_in_circle_ranges(
    @extschema@.q3c_ang2ipix(rightra, rightdec), leftra, leftdec, radius,
    CASE WHEN radius < 90 THEN sin(radians(radius + 1e-100)) + 1e-14 ELSE 1 END)
  AND @extschema@.q3c_nearer(leftra, leftdec, rightra, rightdec, radius, false)
  AND @extschema@.q3c_rarely(leftra, leftdec, rightra, rightdec);
COMMENT ON FUNCTION @extschema@.q3c_join(
  double precision, double precision, double precision, double precision, double precision)
  IS 'Whether the indexed position (right) lies closer than a radius to another (left), all in degrees';

CREATE OR REPLACE FUNCTION @extschema@.q3c_join(
  leftra double precision, leftdec double precision, rightra real, rightdec real, radius double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_in_circle_ranges(
    @extschema@.q3c_ang2ipix(rightra, rightdec), leftra, leftdec, radius,
    CASE WHEN radius < 90 THEN sin(radians(radius + 1e-100)) + 1e-14 ELSE 1 END)
  AND @extschema@.q3c_nearer(leftra, leftdec, rightra, rightdec, radius, false)
  AND @extschema@.q3c_rarely(leftra, leftdec, rightra, rightdec);
