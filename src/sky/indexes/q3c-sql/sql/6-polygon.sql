-- Polygons with great circles as sides. Projected from the sphere's centre onto the plane that touches the
-- sphere at the polygon's middle their sides are straight, and a ray from a point crosses an odd number of
-- them exactly if the point is inside. Convex or not; all vertices within 80 degrees of the middle.

-- The plane: its two axes and its middle as unit vectors (nine numbers), then x and y of each vertex.
CREATE OR REPLACE FUNCTION @extschema@.q3c_poly_plane(vertices double precision[]) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 2
AS $$
DECLARE
  n integer := array_length(vertices, 1);
  x double precision[] := '{}';
  y double precision[] := '{}';
  z double precision[] := '{}';
  ra double precision;
  decl double precision;
  cx double precision := 0; cy double precision := 0; cz double precision := 0;
  s double precision;
  plane double precision[];
BEGIN
  IF n % 2 = 1 THEN
    RAISE EXCEPTION 'Invalid array argument! The array should contain even number of elements';
  ELSIF n IS NULL OR n < 6 THEN
    RAISE EXCEPTION 'Invalid polygon! The polygon must have more than two vertices';
  END IF;
  FOR i IN 1..n / 2 LOOP
    ra := radians(vertices[2 * i - 1] + 1e-100);
    decl := radians(vertices[2 * i] + 1e-100);
    IF ra IS NULL OR decl IS NULL OR abs(ra) > 1e300 OR abs(decl) > 1.5707963267948968 THEN
      RAISE EXCEPTION 'Invalid polygon! Vertex % is %, %', i, vertices[2 * i - 1], vertices[2 * i];
    END IF;
    x := x || cos(ra) * cos(decl);
    y := y || sin(ra) * cos(decl);
    z := z || sin(decl);
    cx := cx + x[i];
    cy := cy + y[i];
    cz := cz + z[i];
  END LOOP;
  cx := cx + 1e-30 - 1e-30;
  cy := cy + 1e-30 - 1e-30;
  cz := cz + 1e-30 - 1e-30;
  s := sqrt(cx * cx + cy * cy + cz * cz);
  IF s < 1e-9 THEN
    RAISE EXCEPTION 'The polygon is too large: its vertices surround the sphere';
  END IF;
  cx := cx / s;
  cy := cy / s;
  cz := cz / s;
  IF abs(cz) < 0.9 THEN -- east and north at the middle, else (about a pole) the y axis and its complement
    s := sqrt(cx * cx + cy * cy);
    plane := ARRAY[-cy / s, cx / s, 0, -cx * cz / s, -cy * cz / s, s, cx, cy, cz];
  ELSE
    s := sqrt(cx * cx + cz * cz);
    plane := ARRAY[-cx * cy / s, s, -cz * cy / s, -cz / s, 0, cx / s, cx, cy, cz];
  END IF;
  FOR i IN 1..n / 2 LOOP
    s := x[i] * cx + y[i] * cy + z[i] * cz;
    IF s < 0.17364817766693033 THEN
      RAISE EXCEPTION 'The polygon is too large: vertex % is % degrees from its middle, 80 are the limit',
        i, round(degrees(acos(greatest(-1, s))));
    END IF;
    plane := plane || (x[i] * plane[1] + y[i] * plane[2] + z[i] * plane[3]) / s
                   || (x[i] * plane[4] + y[i] * plane[5] + z[i] * plane[6]) / s;
  END LOOP;
  RETURN plane;
END $$;

-- Ranges of pixel numbers for the cone about the middle that holds all vertices.
CREATE OR REPLACE FUNCTION @extschema@.q3c_poly_ranges(plane double precision[]) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 2
AS $$
DECLARE
  farthest double precision := 0;
BEGIN
  FOR i IN 5..array_length(plane, 1) / 2 LOOP
    farthest := greatest(farthest, (plane[2 * i] + 1e-30) ^ 2 + (plane[2 * i + 1] + 1e-30) ^ 2);
  END LOOP;
  RETURN @extschema@.q3c_cone_ranges(
    degrees(atan2(plane[8], plane[7])), degrees(asin(greatest(-1, least(1, plane[9])))),
    degrees(atan(sqrt(farthest))) + 1e-6, 16);
END $$;

CREATE OR REPLACE FUNCTION @extschema@.q3c_in_plane(
  ra double precision, decl double precision, plane double precision[])
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100
AS $$
DECLARE
  z double precision;
  y double precision;
  x double precision;
  s double precision;
  x1 double precision;
  y1 double precision;
  n integer := array_length(plane, 1);
  inside boolean := false;
BEGIN
  IF NOT greatest(abs(ra), abs(decl)) < 'Infinity' THEN
    RETURN false;
  END IF;
  z := radians(decl + 1e-100);
  y := cos(z);
  x := radians(ra + 1e-100);
  s := cos(x) * y + 1e-30;
  y := sin(x) * y + 1e-30;
  x := s;
  z := sin(z) + 1e-30;
  s := x * plane[7] + y * plane[8] + z * plane[9];
  IF NOT s > 0.01 OR s = 'NaN' THEN
    RETURN false;
  END IF;
  x1 := (x * plane[1] + y * plane[2] + z * plane[3]) / s;
  y := (x * plane[4] + y * plane[5] + z * plane[6]) / s + 1e-30;
  x := x1;
  x1 := plane[n - 1];
  y1 := plane[n];
  FOR i IN 5..n / 2 LOOP
    IF (y1 > y) <> (plane[2 * i + 1] > y)
       AND x < (plane[2 * i] - x1 + 1e-60) * (y - y1 + 1e-60) / (plane[2 * i + 1] - y1) + x1 THEN
      inside := NOT inside;
    END IF;
    x1 := plane[2 * i];
    y1 := plane[2 * i + 1];
  END LOOP;
  RETURN inside;
END $$;

-- The vertices of PostgreSQL's polygon type, whose text form lists them: ((x1,y1),(x2,y2) ...).
CREATE OR REPLACE FUNCTION @extschema@.q3c_poly_array(vertices polygon) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 2
SET extra_float_digits = 3
AS $$
BEGIN
  RETURN ('{' || translate(vertices::text, '()', '') || '}')::double precision[];
END $$;

CREATE OR REPLACE FUNCTION @extschema@.q3c_in_poly(double precision, double precision, double precision[])
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_in_plane($1, $2, @extschema@.q3c_poly_plane($3));
COMMENT ON FUNCTION @extschema@.q3c_in_poly(double precision, double precision, double precision[])
  IS 'Whether a position (1, 2) lies in the polygon with vertices ra1, dec1, ra2, dec2 ... (3), in degrees';

CREATE OR REPLACE FUNCTION @extschema@.q3c_in_poly(double precision, double precision, polygon)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_in_plane($1, $2, @extschema@.q3c_poly_plane(@extschema@.q3c_poly_array($3)));

CREATE OR REPLACE FUNCTION @extschema@.q3c_poly_query(double precision, double precision, double precision[])
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_in_ranges(
    @extschema@.q3c_ang2ipix($1, $2), @extschema@.q3c_poly_ranges(@extschema@.q3c_poly_plane($3)))
  AND @extschema@.q3c_in_plane($1, $2, @extschema@.q3c_poly_plane($3));
COMMENT ON FUNCTION @extschema@.q3c_poly_query(double precision, double precision, double precision[])
  IS 'Whether the indexed position (1, 2) lies in the polygon with vertices ra1, dec1, ra2, dec2 ... (3)';

CREATE OR REPLACE FUNCTION @extschema@.q3c_poly_query(double precision, double precision, polygon)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_poly_query($1, $2, @extschema@.q3c_poly_array($3));

CREATE OR REPLACE FUNCTION @extschema@.q3c_poly_query(real, real, double precision[])
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_poly_query($1::double precision, $2::double precision, $3);

CREATE OR REPLACE FUNCTION @extschema@.q3c_poly_query(real, real, polygon)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_poly_query(
  $1::double precision, $2::double precision, @extschema@.q3c_poly_array($3));
