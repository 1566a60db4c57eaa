-- Joins: four ranges per row of the left table, cheap enough to compute for each row.

-- Level of the quad-tree whose pixels are at least as wide as a circle of this radius (degrees) anywhere on
-- the cube (up to 2.5 radii to each side in a corner), and no finer than 13 arc seconds: a finer one costs
-- more range borders than it saves candidates.
CREATE OR REPLACE FUNCTION @extschema@.q3c_join_level(radius double precision) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN abs(radius) <= 9 THEN least(15, floor(log(18.48 / (abs(radius) + 1e-9)) / 0.3010299956639812))
            ELSE 0 END::integer;

-- One bound of one of the four ranges of pixel numbers for a circle: bound 0 is where the first begins, 1
-- where it ends, 2 where the second begins ... A range that isn't needed begins after the last pixel and
-- ends before the first, which a B-tree recognises as empty without reading.
--
-- The circle's box on the cube's face: the projection stretches by 1 + x^2 + y^2 at most, and that grows by
-- no more than 3.5 times the radius towards the circle's rim. A circle above 3.4 degrees, one over the face's
-- edge or about a pole goes the general way. This function runs eight times for each row of a join: every
-- statement counts.
CREATE OR REPLACE FUNCTION @extschema@.q3c_join_bound(
  ra double precision, decl double precision, radius double precision,
  sin_radius double precision, level integer, bound integer)
RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 500
AS $$
DECLARE
  face double precision;
  angle double precision;
  slope double precision;
  x double precision;
  y double precision;
  reach double precision;
  col integer;
  next_col integer;
  line integer;
  next_line integer;
  cells integer;
  fitted integer;
  bits bigint;
  ranges bigint[];
BEGIN
  IF ra >= 0 AND ra <= 360 AND abs(decl) < 89.9999 AND sin_radius > 0 AND sin_radius < 0.06 THEN
    face := floor((ra + 45) / 90);
    angle := radians(ra + 1e-100 - 90 * face);
    slope := tan(radians(decl + 1e-100));
    y := slope / cos(angle) + 1e-30;
    IF abs(y) <= 1 THEN
      x := tan(angle) + 1e-30;
      face := CASE face WHEN 4 THEN 1 ELSE face + 1 END;
    ELSE
      angle := radians(ra + 1e-100);
      x := sin(angle) / abs(slope) + 1e-30;
      y := 1e-30 - cos(angle) / slope;
      face := CASE WHEN slope > 0 THEN 0 ELSE 5 END;
    END IF;
    reach := (1 + 3.5 * sin_radius) * sin_radius * (1 + x * x + y * y);
    -- up to two levels finer where the circle's box happens to fit into two by two of those pixels
    fitted := CASE WHEN level < 15 THEN level + 2 ELSE level END;
    LOOP
      cells := 1 << fitted;
      col := floor((x - reach + 1) * cells / 2);
      next_col := floor((x + reach + 1) * cells / 2);
      line := floor((y - reach + 1) * cells / 2);
      next_line := floor((y + reach + 1) * cells / 2);
      EXIT WHEN fitted <= level OR (next_col - col <= 1 AND next_line - line <= 1);
      fitted := fitted - 1;
    END LOOP;
    IF col >= 0 AND line >= 0 AND next_col < cells AND next_line < cells
       AND next_col - col <= 1 AND next_line - line <= 1 THEN
      IF bound > 1 AND ((bound & 2 = 2 AND next_col = col) OR (bound & 4 = 4 AND next_line = line)) THEN
        RETURN CASE bound & 1 WHEN 0 THEN 9223372036854775807 ELSE -1 END;
      END IF;
      bits := CASE bound & 2 WHEN 0 THEN col ELSE next_col END
            + (CASE bound & 4 WHEN 0 THEN line ELSE next_line END::bigint << 16);
      bits := (bits & 4278190335) | ((bits & 65280) << 8) | ((bits >> 8) & 65280);
      bits := (bits & 4027576335) | ((bits & 15728880) << 4) | ((bits >> 4) & 15728880);
      bits := (bits & 3284386755) | ((bits & 202116108) << 2) | ((bits >> 2) & 202116108);
      bits := (bits & 2576980377) | ((bits & 572662306) << 1) | ((bits >> 1) & 572662306);
      RETURN (face::bigint << 60) + ((bits + (bound & 1)) << (60 - 2 * fitted));
    END IF;
  ELSIF abs(ra) > 1.7976931348623157e308 OR abs(decl) > 1.7976931348623157e308 THEN
    RAISE EXCEPTION 'The values of ra,dec are infinites or NaNs' USING ERRCODE = 'numeric_value_out_of_range';
  END IF;
  IF radius >= 0 AND radius <> 'NaN' THEN
    ranges := @extschema@.q3c_cone_ranges(ra, decl, radius, 4);
  END IF;
  RETURN coalesce(ranges[bound + 1], CASE bound & 1 WHEN 0 THEN 9223372036854775807 ELSE -1 END);
END $$;

CREATE OR REPLACE FUNCTION @extschema@.q3c_in_circle_ranges(
  ipix bigint, ra double precision, decl double precision, radius double precision,
  sin_radius double precision, level integer)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (ipix >= @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, level, 0)
        AND ipix < @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, level, 1))
  OR (ipix >= @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, level, 2)
      AND ipix < @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, level, 3))
  OR (ipix >= @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, level, 4)
      AND ipix < @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, level, 5))
  OR (ipix >= @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, level, 6)
      AND ipix < @extschema@.q3c_join_bound(ra, decl, radius, sin_radius, level, 7));

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
    CASE WHEN radius < 90 THEN sin(radians(radius + 1e-100)) + 1e-14 ELSE 1 END,
    @extschema@.q3c_join_level(radius))
  AND @extschema@.q3c_sindist(leftra, leftdec, rightra, rightdec) < power(sin(radians(radius) / 2), 2)
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
    CASE WHEN radius < 90 THEN sin(radians(radius + 1e-100)) + 1e-14 ELSE 1 END,
    @extschema@.q3c_join_level(radius))
  AND @extschema@.q3c_sindist(leftra, leftdec, rightra, rightdec) < power(sin(radians(radius) / 2), 2)
  AND @extschema@.q3c_rarely(leftra, leftdec, rightra, rightdec);
