-- Distances on the sphere by the haversine in the form that Q3C uses: with x the squared sine of half the
-- difference in right ascension, y of half the difference in declination and z the squared cosine of the
-- mean declination, sin^2(distance / 2) = x (z - y) + y.
--
-- PostgreSQL raises an error where C returns 0 for a product below 5e-324. Adding 1e-100 keeps every factor
-- away from there and changes no bit of a difference above 1e-84 degrees.

CREATE OR REPLACE FUNCTION @extschema@.q3c_sindist(
  double precision, double precision, double precision, double precision)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sin(radians(($1 - $3 + 1e-100) / 2)) * sin(radians(($1 - $3 + 1e-100) / 2))
  * (cos(radians(($2 + $4 + 1e-100) / 2)) * cos(radians(($2 + $4 + 1e-100) / 2))
     - sin(radians(($2 - $4 + 1e-100) / 2)) * sin(radians(($2 - $4 + 1e-100) / 2)))
  + sin(radians(($2 - $4 + 1e-100) / 2)) * sin(radians(($2 - $4 + 1e-100) / 2))
  + 1e-180 - 1e-180;
COMMENT ON FUNCTION @extschema@.q3c_sindist(
  double precision, double precision, double precision, double precision)
  IS 'Squared sine of half the distance between two positions: ra1, dec1, ra2, dec2 in degrees';

-- Whether q3c_sindist is below the squared sine of half a radius (degrees), told by the cosine of the distance, which
-- takes half the time; within its rounding (1e-15, taken a hundredfold) q3c_sindist itself decides. Both take the
-- difference in right ascension alike, so that they agree however large it is.
CREATE OR REPLACE FUNCTION @extschema@.q3c_nearer(
  double precision, double precision, double precision, double precision, double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN sin(radians($2 + 1e-100)) * sin(radians($4 + 1e-100))
       + cos(radians($2 + 1e-100)) * cos(radians($4 + 1e-100)) * cos(radians($1 - $3 + 1e-100))
       > cos(radians($5)) + 1e-13 THEN true
  WHEN sin(radians($2 + 1e-100)) * sin(radians($4 + 1e-100))
       + cos(radians($2 + 1e-100)) * cos(radians($4 + 1e-100)) * cos(radians($1 - $3 + 1e-100))
       < cos(radians($5)) - 1e-13 THEN false
  ELSE @extschema@.q3c_sindist($1, $2, $3, $4) < power(sin(radians($5) / 2), 2)
END;

CREATE OR REPLACE FUNCTION @extschema@.q3c_dist(
  ra1 double precision, dec1 double precision, ra2 double precision, dec2 double precision)
RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5
AS $$
DECLARE
  x double precision := sin(radians((ra1 - ra2 + 1e-100) / 2));
  y double precision := sin(radians((dec1 - dec2 + 1e-100) / 2));
  z double precision := cos(radians((dec1 + dec2 + 1e-100) / 2));
  haversine double precision := x * x * (z * z - y * y) + y * y;
BEGIN
  IF haversine < 1e-180 THEN
    RETURN 0;
  ELSIF haversine < 1 THEN
    RETURN 2 * asin(sqrt(haversine)) * 57.29577951308232;
  END IF;
  RETURN CASE WHEN haversine = 'NaN' THEN haversine ELSE 180 END;
END $$;
COMMENT ON FUNCTION @extschema@.q3c_dist(double precision, double precision, double precision, double precision)
  IS 'Distance in degrees between two positions in degrees';
