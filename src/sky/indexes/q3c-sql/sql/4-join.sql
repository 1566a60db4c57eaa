-- Joins: four ranges per row of the left table, cheap enough to compute for each row.

-- Ranges for a circle below 3.4 degrees that reaches over an edge of its face, or lies about a pole: on each face that
-- it touches, those of the pixels that its box there touches, at the finest level whose pixels are as wide as the box.
-- As such a box ends at the face's edge, it touches one pixel across the edge and up to two along it, so they are four
-- in all, seldom more next to a corner. The projection moves no point of the circle from the centre by more than
-- sin(radius) (1 + x^2 + y^2) / (cos(radius) - sqrt(x^2 + y^2) sin(radius)).
CREATE OR REPLACE FUNCTION @extschema@.q3c_edge_ranges(
  ra double precision, decl double precision, sin_radius double precision)
RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  cz double precision := sin(radians(decl + 1e-100));
  cx double precision := cos(radians(decl + 1e-100)) * cos(radians(ra + 1e-100));
  cy double precision := cos(radians(decl + 1e-100)) * sin(radians(ra + 1e-100));
  x double precision;
  y double precision;
  w double precision;
  reach double precision;
  level integer;
  last bigint;
  first bigint;
  found bigint[] := '{}';
BEGIN
  FOR face IN 0..5 LOOP
    w := CASE face WHEN 0 THEN cz WHEN 1 THEN cx WHEN 2 THEN cy WHEN 3 THEN -cx WHEN 4 THEN -cy ELSE -cz END;
    CONTINUE WHEN w < 0.5;
    x := CASE face WHEN 2 THEN -cx WHEN 3 THEN -cy WHEN 4 THEN cx ELSE cy END / w;
    y := CASE face WHEN 0 THEN -cx WHEN 5 THEN cx ELSE cz END / w;
    reach := sin_radius * (1 + x * x + y * y)
      / (sqrt(1 - sin_radius * sin_radius) - sqrt(x * x + y * y) * sin_radius) + 1e-14;
    CONTINUE WHEN abs(x) - reach >= 1 OR abs(y) - reach >= 1;
    level := CASE WHEN reach < 3e-5 THEN 15 ELSE floor(-1e-9 - ln(reach) / 0.6931471805599453) END;
    last := (1 << level) - 1;
    FOR line IN greatest(0, floor((y - reach + 1) * (1 << level - 1)))::bigint
                .. least(last, floor((y + reach + 1) * (1 << level - 1)))::bigint LOOP
      FOR col IN greatest(0, floor((x - reach + 1) * (1 << level - 1)))::bigint
                 .. least(last, floor((x + reach + 1) * (1 << level - 1)))::bigint LOOP
        first := (face::bigint << 60)
          + (((@spread << 0@)[(col & 1023)::integer] | (@spread << 20@)[(col >> 10)::integer]
            | (@spread << 1@)[(line & 1023)::integer] | (@spread << 21@)[(line >> 10)::integer]) << (60 - 2 * level));
        found := found || first || first + (1::bigint << (60 - 2 * level));
      END LOOP;
    END LOOP;
  END LOOP;
  RETURN found;
END $$;

-- One bound of one of the four ranges of pixel numbers for a circle: bound 0 is where the first begins, 1
-- where it ends, 2 where the second begins ... A range that isn't needed begins after the last pixel and
-- ends before the first, which a B-tree recognises as empty without reading.
--
-- The ranges are those of the up to two by two pixels that the circle's box on the cube's face touches, at the
-- finest level whose pixels are as wide as the box, but no finer than 13 arc seconds: a finer one costs more range
-- borders than it saves candidates. The projection stretches by 1 + x^2 + y^2 at most, and that grows by no more
-- than 3.5 times the radius towards the circle's rim. A circle above 3.4 degrees goes the general way. This function
-- runs eight times for each row of a join: every statement counts, and so does every operation.
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
  cells double precision; -- pixels from the face's middle to its edge
  cell bigint;
  ranges bigint[];
BEGIN
  IF ra >= 0 AND ra <= 360 AND abs(decl) < 89.9999 AND sin_radius > 0 AND sin_radius < 0.06 THEN
    face := CASE
      WHEN abs(decl) < 35.26 OR (abs(decl) < 45.0001
        AND abs(tan(radians(decl)) / cos(radians(ra + 1e-100 - 90 * (floor((ra + 45) / 90)::integer & 3)))) <= 1)
      THEN (floor((ra + 45) / 90)::integer & 3) + 1 WHEN decl > 0 THEN 0 ELSE 5 END;
    IF face BETWEEN 1 AND 4 THEN
      x := tan(radians(ra + 1e-100 - 90 * (face - 1))) + 1e-30;
      y := tan(radians(decl + 1e-100)) / cos(radians(ra + 1e-100 - 90 * (face - 1))) + 1e-30;
    ELSE
      x := sin(radians(ra + 1e-100)) / abs(tan(radians(decl))) + 1e-30;
      y := 1e-30 - cos(radians(ra + 1e-100)) / tan(radians(decl));
    END IF;
    reach := (1 + 3.5 * sin_radius) * sin_radius * (1 + x * x + y * y);
    IF abs(x) + reach < 1 AND abs(y) + reach < 1 THEN
      cells := CASE WHEN reach < 3e-5 THEN 16384
               ELSE (1 << floor(-1.000000001 - ln(reach) / 0.6931471805599453)::integer)::double precision END;
      -- one level finer where a large circle's box happens to fit
      IF sin_radius > 0.001 AND floor((x + reach + 1) * 2 * cells) - floor((x - reach + 1) * 2 * cells) <= 1
         AND floor((y + reach + 1) * 2 * cells) - floor((y - reach + 1) * 2 * cells) <= 1 THEN
        cells := cells * 2;
      END IF;
      cell := CASE
        WHEN bound & 2 = 2 AND floor((x + reach + 1) * cells) = floor((x - reach + 1) * cells) THEN NULL
        WHEN bound & 4 = 4 AND floor((y + reach + 1) * cells) = floor((y - reach + 1) * cells) THEN NULL
        ELSE floor((x + CASE WHEN bound & 2 = 2 THEN reach ELSE -reach END + 1) * cells)::bigint
          + (floor((y + CASE WHEN bound & 4 = 4 THEN reach ELSE -reach END + 1) * cells)::bigint << 20) END;
      RETURN coalesce(
        (face::bigint << 60)
          + (((@spread << 0@)[(cell & 1023)::integer] | (@spread << 20@)[((cell >> 10) & 1023)::integer]
            | (@spread << 1@)[((cell >> 20) & 1023)::integer] | (@spread << 21@)[(cell >> 30)::integer])
            + (bound & 1)) * (288230376151711744 / (cells * cells))::bigint,
        CASE bound & 1 WHEN 0 THEN 9223372036854775807 ELSE -1 END);
    END IF;
  END IF;
  IF abs(ra) <= 720 AND abs(decl) <= 90 AND sin_radius > 0 AND sin_radius < 0.06 THEN
    ranges := @extschema@.q3c_edge_ranges(ra, decl, sin_radius);
  ELSIF abs(ra) > 1.7976931348623157e308 OR abs(decl) > 1.7976931348623157e308 THEN
    RAISE EXCEPTION 'The values of ra,dec are infinites or NaNs' USING ERRCODE = 'numeric_value_out_of_range';
  END IF;
  IF radius >= 0 AND radius <> 'NaN' AND coalesce(array_length(ranges, 1), 9) > 8 THEN
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

-- True for all pairs within a radius. The planner can't know how few pairs match; it believes the containment operator
-- to hold for one pair in a thousand, and without that it expects a billion rows and plans for them. The first also
-- spares most candidates the distance: it leaves out declinations (5 is that of the index) further apart than that.
CREATE OR REPLACE FUNCTION @extschema@.q3c_rarely(
  double precision, double precision, double precision, double precision, radius double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN point(CASE WHEN abs($4) <= 90 THEN $2 - $4 ELSE 0 END, 0)
      <@ box(point(-1e-6 - least(abs(radius), 180), -1), point(1e-6 + least(abs(radius), 180), 1))
  AND point($1, $3) <@ '((-Infinity,-Infinity),(Infinity,Infinity))'::box;

CREATE OR REPLACE FUNCTION @extschema@.q3c_join(
  leftra double precision, leftdec double precision,
  rightra double precision, rightdec double precision, radius double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_in_circle_ranges(
    @extschema@.q3c_ang2ipix(rightra, rightdec), leftra, leftdec, radius,
    CASE WHEN radius < 90 THEN sin(radians(radius + 1e-100)) + 1e-14 ELSE 1 END)
  AND @extschema@.q3c_nearer(leftra, leftdec, rightra, rightdec, radius, false)
  AND @extschema@.q3c_rarely(leftra, leftdec, rightra, rightdec, radius);
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
  AND @extschema@.q3c_rarely(leftra, leftdec, rightra, rightdec, radius);
