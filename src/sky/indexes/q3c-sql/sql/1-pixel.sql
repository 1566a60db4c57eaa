-- Pixel numbers of the quad-tree cube (Koposov & Bartunov 2006, ADASS XV, ASP Conf. Ser. 351, 735).
--
-- The sphere is projected from its centre onto the six faces of a cube, 2^30 x 2^30 pixels each. A pixel
-- number holds the face in bits 60..62 and below it the interleaved bits of column (even) and row (odd).
-- The order of the floating-point operations is part of the definition: another order moves positions on
-- a pixel's edge to the neighbour, and an index built elsewhere would miss them.

CREATE OR REPLACE FUNCTION @extschema@.q3c_version() RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '2.0.0 (plain SQL, Almagest)'::text;
COMMENT ON FUNCTION @extschema@.q3c_version() IS 'Version of the Q3C functions and their implementation';

-- What the queries below call for each row is an expression that the planner puts in place of the call.

-- Face, row and column in one number: bits 60..62, from bit 30, from bit 0.
CREATE OR REPLACE FUNCTION @extschema@.q3c_cell(face bigint, x double precision, y double precision)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (face << 60)
  | (least(trunc((y + 1) * 536870912), 1073741823)::bigint << 30)
  | least(trunc((x + 1) * 536870912), 1073741823)::bigint;

-- The same for a position on one of the four faces about the equator, by its angle from the middle of the face.
-- PostgreSQL refuses results below 5e-324; adding 1e-300 keeps away from there, and changes no pixel.
CREATE OR REPLACE FUNCTION @extschema@.q3c_side_cell(face bigint, angle double precision, decl double precision)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_cell(face, tan(radians(angle)), tan(radians(decl + 1e-300)) / cos(radians(angle)));

CREATE OR REPLACE FUNCTION @extschema@.q3c_equator_cell(ra double precision, decl double precision)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN ra + 45 < 180 THEN
    CASE WHEN ra + 45 >= 90 THEN @extschema@.q3c_side_cell(2, ra - 90, decl)
         WHEN ra >= 0 THEN @extschema@.q3c_side_cell(1, ra + 1e-300, decl) END
  WHEN ra + 45 < 270 THEN @extschema@.q3c_side_cell(3, ra - 180, decl)
  WHEN ra + 45 < 360 THEN @extschema@.q3c_side_cell(4, ra - 270, decl)
  WHEN ra <= 360 THEN @extschema@.q3c_side_cell(1, ra, decl)
END;

-- slope: the cotangent of the declination
CREATE OR REPLACE FUNCTION @extschema@.q3c_polar_cell(face bigint, ra double precision, slope double precision)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_cell(
  face, sin(radians(ra + 1e-300)) * abs(slope), cos(radians(ra + 1e-300)) * (-slope));

-- Right ascension in 0 to 360; NULL for NaN and infinity.
CREATE OR REPLACE FUNCTION @extschema@.q3c_folded_ra(ra double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  x double precision := abs(ra);
  y double precision := 360;
BEGIN
  IF x > 1.7976931348623157e308 THEN
    RETURN NULL; -- NaN sorts last
  ELSIF x >= 360 THEN -- an exact remainder by binary long division
    WHILE y <= x / 2 LOOP y := y * 2; END LOOP;
    WHILE y >= 360 LOOP
      IF x >= y THEN x := x - y; END IF;
      y := y / 2;
    END LOOP;
  END IF;
  RETURN CASE WHEN ra < 0 THEN 360 - x WHEN ra > 360 THEN x ELSE ra END;
END $$;

-- COST stays that of the C extension's, so that plans are the same; above 10 the queries below weren't inlined.
-- Two statements, since each costs as much as a tangent. Below 35.26 degrees all is on the faces about the equator,
-- from 45.0001 on about a pole; between them the projection tells.
CREATE OR REPLACE FUNCTION @extschema@.q3c_ang2ipix(double precision, double precision) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1
AS $$
DECLARE
  ra ALIAS FOR $1;
  decl ALIAS FOR $2;
  cell bigint;
BEGIN
  cell := CASE
    WHEN abs(decl) < 35.26 THEN @extschema@.q3c_equator_cell(ra, decl)
    WHEN ra >= 0 AND ra <= 360 AND abs(decl) <= 90 THEN
      CASE WHEN abs(decl) < 45.0001
             AND abs(tan(radians(decl)) / cos(radians(ra + 1e-300 - 90 * (floor((ra + 45) / 90)::integer & 3)))) <= 1
           THEN @extschema@.q3c_equator_cell(ra, decl)
           ELSE @extschema@.q3c_polar_cell(CASE WHEN decl > 0 THEN 0 ELSE 5 END, ra, 1 / tan(radians(decl))) END
  END;
  -- @spread << n@ is a table of the numbers 0 to 1023 with their bits moved apart, moved up by n: six look-ups cost
  -- half of what moving the bits step by step does, which q3c_ipix2ang has to do the other way.
  RETURN coalesce(
    (cell & 8070450532247928832)
      | (@spread << 0@)[(cell & 1023)::integer] | (@spread << 1@)[((cell >> 30) & 1023)::integer]
      | (@spread << 20@)[((cell >> 10) & 1023)::integer] | (@spread << 21@)[((cell >> 40) & 1023)::integer]
      | (@spread << 40@)[((cell >> 20) & 1023)::integer] | (@spread << 41@)[((cell >> 50) & 1023)::integer],
    @extschema@.q3c_ang2ipix(
      @extschema@.q3c_folded_ra(ra),
      CASE WHEN abs(decl) < 'Infinity' THEN greatest(-90, least(90, decl)) END));
END $$;
COMMENT ON FUNCTION @extschema@.q3c_ang2ipix(double precision, double precision)
  IS 'Pixel number of a position in degrees';

CREATE OR REPLACE FUNCTION @extschema@.q3c_ang2ipix(ra real, decl real) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN @extschema@.q3c_ang2ipix(ra::double precision, decl::double precision);
COMMENT ON FUNCTION @extschema@.q3c_ang2ipix(real, real)
  IS 'Pixel number of a position in degrees, single precision';

CREATE OR REPLACE FUNCTION @extschema@.q3c_ipix2ang(ipix bigint) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  face bigint := ipix >> 60;
  bits bigint := ipix & 1152921504606846975;
  x double precision;
  y double precision;
  ra double precision;
  decl double precision;
BEGIN
  IF face < 0 OR face > 5 THEN
    RETURN NULL;
  END IF;
  -- The steps of q3c_ang2ipix backwards; each one is its own inverse.
  bits := (bits & -7378697629483820647) | ((bits & 2459565876494606882) << 1) | ((bits >> 1) & 2459565876494606882);
  bits := (bits & -4340410370284600381) | ((bits & 868082074056920076) << 2) | ((bits >> 2) & 868082074056920076);
  bits := (bits & -1148435428713435121) | ((bits & 67555025218437360) << 4) | ((bits >> 4) & 67555025218437360);
  bits := (bits & -72056494543077121) | ((bits & 280375465148160) << 8) | ((bits >> 8) & 280375465148160);
  bits := (bits & -281474976645121) | ((bits & 4294901760) << 16) | ((bits >> 16) & 4294901760);
  x := ((bits & 4294967295)::double precision / 1073741824) * 2 - 1;
  y := ((bits >> 32)::double precision / 1073741824) * 2 - 1;
  IF face BETWEEN 1 AND 4 THEN
    ra := atan(x);
    decl := atan(y * cos(ra)) * 57.29577951308232;
    ra := ra * 57.29577951308232 + (face - 1) * 90;
  ELSIF face = 0 THEN
    ra := (atan2(-x, y) + 3.141592653589793) * 57.29577951308232;
    decl := coalesce(atan(1 / nullif(sqrt(x * x + y * y), 0)) * 57.29577951308232, 90);
  ELSE
    ra := (atan2(-x, -y) + 3.141592653589793) * 57.29577951308232;
    decl := coalesce(-atan(1 / nullif(sqrt(x * x + y * y), 0)) * 57.29577951308232, -90);
  END IF;
  IF ra < 0 THEN
    ra := ra + 360;
  END IF;
  RETURN ARRAY[ra, decl];
END $$;
COMMENT ON FUNCTION @extschema@.q3c_ipix2ang(bigint)
  IS 'Right ascension and declination in degrees of the corner of a pixel that has the smallest column and row';

CREATE OR REPLACE FUNCTION @extschema@.q3c_ipixcenter(ra double precision, decl double precision, integer)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ((@extschema@.q3c_ang2ipix(ra, decl) >> (2 * $3)) << (2 * $3)) + (1::bigint << (2 * ($3 - 1))) - 1;
COMMENT ON FUNCTION @extschema@.q3c_ipixcenter(double precision, double precision, integer)
  IS 'Number of the pixel next to the centre of the pixel of 2^depth columns that holds a position';

-- Two triangles by Van Oosterom & Strackee (1983, IEEE Trans. Biomed. Eng. 30, 125): no cancellation.
CREATE OR REPLACE FUNCTION @extschema@.q3c_pixarea(ipix bigint, depth integer) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  bits bigint;
  side double precision := 2 / power(2::double precision, 30 - depth);
  x0 double precision;
  y0 double precision;
  x1 double precision;
  y1 double precision;
  r00 double precision;
  r10 double precision;
  r01 double precision;
  r11 double precision;
  diagonal double precision;
BEGIN
  IF ipix < 0 OR ipix >> 60 > 5 THEN
    RAISE EXCEPTION 'Invalid ipix value';
  ELSIF depth < 1 THEN
    RAISE EXCEPTION 'Invalid depth. It should be greater than 0.';
  ELSIF depth > 30 THEN
    RAISE EXCEPTION 'Invalid depth. It should be less than 31.';
  END IF;
  bits := ((ipix & 1152921504606846975) >> (2 * depth)) << (2 * depth);
  bits := (bits & -7378697629483820647) | ((bits & 2459565876494606882) << 1) | ((bits >> 1) & 2459565876494606882);
  bits := (bits & -4340410370284600381) | ((bits & 868082074056920076) << 2) | ((bits >> 2) & 868082074056920076);
  bits := (bits & -1148435428713435121) | ((bits & 67555025218437360) << 4) | ((bits >> 4) & 67555025218437360);
  bits := (bits & -72056494543077121) | ((bits & 280375465148160) << 8) | ((bits >> 8) & 280375465148160);
  bits := (bits & -281474976645121) | ((bits & 4294901760) << 16) | ((bits >> 16) & 4294901760);
  x0 := (bits & 4294967295)::double precision / 536870912 - 1;
  y0 := (bits >> 32)::double precision / 536870912 - 1;
  x1 := x0 + side;
  y1 := y0 + side;
  r00 := sqrt(1 + x0 * x0 + y0 * y0);
  r10 := sqrt(1 + x1 * x1 + y0 * y0);
  r01 := sqrt(1 + x0 * x0 + y1 * y1);
  r11 := sqrt(1 + x1 * x1 + y1 * y1);
  diagonal := 1 + x0 * x1 + y0 * y1;
  RETURN 2 * atan2(side * side, r00 * r10 * r11 + (1 + x0 * x1 + y0 * y0) * r11
                                + (1 + x1 * x1 + y0 * y1) * r00 + diagonal * r10)
       + 2 * atan2(side * side, r00 * r01 * r11 + (1 + x0 * x0 + y0 * y1) * r11
                                + (1 + x0 * x1 + y1 * y1) * r00 + diagonal * r01);
END $$;
COMMENT ON FUNCTION @extschema@.q3c_pixarea(bigint, integer)
  IS 'Area in steradians of the pixel of 2^depth columns that holds ipix';
