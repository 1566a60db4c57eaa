-- Cones and joins: ranges of pixel numbers that a B-tree on q3c_ang2ipix(ra, dec) can serve, and the
-- exact distance.
--
-- These queries are plain SQL so that the planner sees through them. For a constant centre it computes
-- q3c_cone_ranges once while planning and keeps only its ranges; the index then gets constants.

-- Ranges [first, end) of pixel numbers that hold every position within a radius (degrees) of a centre:
-- first1, end1, first2, end2 ... in ascending order, no more than max_ranges of them. NULL for a centre or
-- radius that is no number. A negative radius counts as its absolute value, as in Q3C's cones.
--
-- On each face it walks the quad-tree in pixel order within the cone's bounding box and drops the squares
-- outside the cone. Angles get 1e-14 rad more than the geometry asks for, ten times the rounding of
-- q3c_sindist, and a sixth of the smallest pixel's hundred-thousandth: no row is lost at an edge.
CREATE OR REPLACE FUNCTION @extschema@.q3c_cone_ranges(
  ra double precision, decl double precision, radius double precision, max_ranges integer)
RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5
AS $$
DECLARE
  r double precision;
  sin_r double precision;
  -- the centre as a unit vector, and in the frame of a face: w towards the face's middle
  cx double precision; cy double precision; cz double precision;
  u double precision; v double precision; w double precision;
  middle double precision;
  half double precision;
  -- bounding boxes in the plane of each face, -1..1
  x_from double precision[] := '{2,2,2,2,2,2}';
  x_to double precision[] := '{2,2,2,2,2,2}';
  y_from double precision[] := '{2,2,2,2,2,2}';
  y_to double precision[] := '{2,2,2,2,2,2}';
  box_x0 double precision; box_x1 double precision; box_y0 double precision; box_y1 double precision;
  widest double precision := 0;
  finest integer;
  level integer;
  side double precision;
  node bigint; col bigint; line bigint;
  x double precision; y double precision; s double precision;
  reach double precision;
  chord double precision;
  first bigint;
  past bigint;
  gap bigint;
  -- ranges without limit, then joined over the smallest gaps
  found bigint[] := '{}';
  joined bigint[];
BEGIN
  IF abs(ra) > 1.7976931348623157e308 OR radius = 'NaN' OR decl = 'NaN' THEN
    RETURN NULL;
  ELSIF abs(decl) > 90 THEN
    RAISE EXCEPTION 'The absolute value of declination > 90!'
      USING DETAIL = format('The declination is %s degrees.', decl), ERRCODE = 'numeric_value_out_of_range';
  ELSIF abs(radius) >= 90 THEN
    RETURN ARRAY[0, 6917529027641081856];
  END IF;
  r := radians(abs(radius) + 1e-100) + 1e-14;
  sin_r := sin(r);
  -- 1e-30 in and out flushes values whose squares PostgreSQL would refuse
  s := radians(decl + 1e-100);
  cz := sin(s) + 1e-30 - 1e-30;
  s := cos(s);
  u := ra + 1e-100;
  IF abs(u) > 720 THEN -- an exact remainder by binary long division
    v := 360;
    u := abs(u);
    WHILE v <= u / 2 LOOP v := v * 2; END LOOP;
    WHILE v >= 360 LOOP
      IF u >= v THEN u := u - v; END IF;
      v := v / 2;
    END LOOP;
    u := CASE WHEN ra < 0 THEN -u ELSE u END + 1e-100;
  END IF;
  u := radians(u);
  cx := cos(u) * s + 1e-30 - 1e-30;
  cy := sin(u) * s + 1e-30 - 1e-30;

  FOR face IN 0..5 LOOP
    CASE face
      WHEN 0 THEN u := cy; v := -cx; w := cz;
      WHEN 1 THEN u := cy; v := cz; w := cx;
      WHEN 2 THEN u := -cx; v := cz; w := cy;
      WHEN 3 THEN u := -cy; v := cz; w := -cx;
      WHEN 4 THEN u := cx; v := cz; w := -cy;
      ELSE u := cy; v := cx; w := -cz;
    END CASE;
    -- The cone spans the longitudes middle - half .. middle + half about the face's y axis.
    s := sqrt(u * u + w * w);
    CONTINUE WHEN s > sin_r AND abs(atan2(u, w)) - asin(sin_r / s) * 1.0000001 > 0.7853981633974484;
    IF s > sin_r THEN
      middle := atan2(u, w);
      half := asin(sin_r / s);
      half := CASE WHEN half > 1 THEN half + 1e-7 ELSE half + 1e-14 END;
      box_x0 := CASE WHEN middle - half <= -0.7853981633974483 THEN -1 ELSE tan(middle - half) END;
      box_x1 := CASE WHEN middle + half >= 0.7853981633974483 THEN 1 ELSE tan(middle + half) END;
    ELSE
      box_x0 := -1;
      box_x1 := 1;
    END IF;
    s := sqrt(v * v + w * w);
    CONTINUE WHEN s > sin_r AND abs(atan2(v, w)) - asin(sin_r / s) * 1.0000001 > 0.7853981633974484;
    IF s > sin_r THEN
      middle := atan2(v, w);
      half := asin(sin_r / s);
      half := CASE WHEN half > 1 THEN half + 1e-7 ELSE half + 1e-14 END;
      box_y0 := CASE WHEN middle - half <= -0.7853981633974483 THEN -1 ELSE tan(middle - half) END;
      box_y1 := CASE WHEN middle + half >= 0.7853981633974483 THEN 1 ELSE tan(middle + half) END;
    ELSE
      box_y0 := -1;
      box_y1 := 1;
    END IF;
    x_from[face + 1] := box_x0;
    x_to[face + 1] := box_x1;
    y_from[face + 1] := box_y0;
    y_to[face + 1] := box_y1;
    widest := greatest(widest, box_x1 - box_x0, box_y1 - box_y0);
  END LOOP;

  -- The finest level has four to eight pixels across the box; below an arc minute one to two are enough.
  finest := greatest(0, least(28, floor(ln(CASE WHEN r < 0.0003 THEN 4 ELSE 16 END / widest) / 0.6931471805599453)));
  FOR face IN 0..5 LOOP
    CONTINUE WHEN x_from[face + 1] = 2;
    box_x0 := x_from[face + 1];
    box_x1 := x_to[face + 1];
    box_y0 := y_from[face + 1];
    box_y1 := y_to[face + 1];
    CASE face
      WHEN 0 THEN u := cy; v := -cx; w := cz;
      WHEN 1 THEN u := cy; v := cz; w := cx;
      WHEN 2 THEN u := -cx; v := cz; w := cy;
      WHEN 3 THEN u := -cy; v := cz; w := -cx;
      WHEN 4 THEN u := cx; v := cz; w := -cy;
      ELSE u := cy; v := cx; w := -cz;
    END CASE;
    level := 0;
    side := 2;
    node := 0;
    col := 0;
    line := 0;
    <<walk>>
    LOOP
      x := col * side - 1;
      y := line * side - 1;
      IF x <= box_x1 AND x + side >= box_x0 AND y <= box_y1 AND y + side >= box_y0 THEN
        IF level < finest - 2 THEN -- too coarse to be worth a test
          chord := 0;
          reach := 1;
        ELSE
          -- distance (as a chord) from the centre to the square's middle, against radius + half diagonal
          x := x + side / 2;
          y := y + side / 2;
          s := sqrt(1 + x * x + y * y);
          reach := r + side * 0.70710678118655 / greatest(1, s - side * 0.70710678118655);
          reach := CASE WHEN reach >= 3.14 THEN 4 ELSE 4 * sin(reach / 2) * sin(reach / 2) END;
          chord := (x / s - u) * (x / s - u) + (y / s - v) * (y / s - v) + (1 / s - w) * (1 / s - w);
        END IF;
        IF chord <= reach THEN
          IF level < finest THEN
            level := level + 1;
            side := side / 2;
            node := node * 4;
            col := col * 2;
            line := line * 2;
            CONTINUE walk;
          END IF;
          first := (face::bigint << 60) + (node << (60 - 2 * level));
          past := first + (1::bigint << (60 - 2 * level));
          IF found[array_length(found, 1)] = first THEN
            found[array_length(found, 1)] := past;
          ELSE
            found := found || first || past;
          END IF;
        END IF;
      END IF;
      -- the next square in pixel order
      WHILE level > 0 AND node & 3 = 3 LOOP
        level := level - 1;
        side := side * 2;
        node := node >> 2;
        col := col >> 1;
        line := line >> 1;
      END LOOP;
      EXIT walk WHEN level = 0;
      node := node + 1;
      col := (col & -2) | (node & 1);
      line := (line & -2) | ((node >> 1) & 1);
    END LOOP;
  END LOOP;

  gap := 1::bigint << (60 - 2 * finest);
  WHILE array_length(found, 1) > 2 * max_ranges LOOP
    joined := found[1:2];
    FOR i IN 2..array_length(found, 1) / 2 LOOP
      IF found[2 * i - 1] - joined[array_length(joined, 1)] <= gap THEN
        joined[array_length(joined, 1)] := found[2 * i];
      ELSE
        joined := joined || found[2 * i - 1 : 2 * i];
      END IF;
    END LOOP;
    found := joined;
    gap := gap * 2;
  END LOOP;
  RETURN found;
END $$;

CREATE OR REPLACE FUNCTION @extschema@.q3c_in_ranges(ipix bigint, ranges bigint[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (ipix >= ranges[1] AND ipix < ranges[2])
  OR (ranges[3] IS NOT NULL AND ipix >= ranges[3] AND ipix < ranges[4])
  OR (ranges[5] IS NOT NULL AND ipix >= ranges[5] AND ipix < ranges[6])
  OR (ranges[7] IS NOT NULL AND ipix >= ranges[7] AND ipix < ranges[8])
  OR (ranges[9] IS NOT NULL AND ipix >= ranges[9] AND ipix < ranges[10])
  OR (ranges[11] IS NOT NULL AND ipix >= ranges[11] AND ipix < ranges[12])
  OR (ranges[13] IS NOT NULL AND ipix >= ranges[13] AND ipix < ranges[14])
  OR (ranges[15] IS NOT NULL AND ipix >= ranges[15] AND ipix < ranges[16])
  OR (ranges[17] IS NOT NULL AND ipix >= ranges[17] AND ipix < ranges[18])
  OR (ranges[19] IS NOT NULL AND ipix >= ranges[19] AND ipix < ranges[20])
  OR (ranges[21] IS NOT NULL AND ipix >= ranges[21] AND ipix < ranges[22])
  OR (ranges[23] IS NOT NULL AND ipix >= ranges[23] AND ipix < ranges[24])
  OR (ranges[25] IS NOT NULL AND ipix >= ranges[25] AND ipix < ranges[26])
  OR (ranges[27] IS NOT NULL AND ipix >= ranges[27] AND ipix < ranges[28])
  OR (ranges[29] IS NOT NULL AND ipix >= ranges[29] AND ipix < ranges[30])
  OR (ranges[31] IS NOT NULL AND ipix >= ranges[31] AND ipix < ranges[32]);

-- Parallel plans are for cones of 15 degrees and more. The label lets the planner look into the function for that; the
-- C extension's functions forbid such plans altogether.
CREATE OR REPLACE FUNCTION @extschema@.q3c_radial_query(
  double precision, double precision, double precision, double precision, double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL RESTRICTED
RETURN @extschema@.q3c_in_ranges(@extschema@.q3c_ang2ipix($1, $2), @extschema@.q3c_cone_ranges($3, $4, $5, 16))
  AND @extschema@.q3c_nearer($1, $2, $3, $4, $5, abs($5) < 15);
COMMENT ON FUNCTION @extschema@.q3c_radial_query(
  double precision, double precision, double precision, double precision, double precision)
  IS 'Whether the indexed position (1, 2) lies closer than a radius (5) to a centre (3, 4), all in degrees';

CREATE OR REPLACE FUNCTION @extschema@.q3c_radial_query(
  real, real, double precision, double precision, double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL RESTRICTED
RETURN @extschema@.q3c_in_ranges(@extschema@.q3c_ang2ipix($1, $2), @extschema@.q3c_cone_ranges($3, $4, $5, 16))
  AND @extschema@.q3c_nearer($1, $2, $3, $4, $5, abs($5) < 15);
