-- Distances on the sphere by the haversine in the form that Q3C uses: with x the squared sine of half the
-- difference in right ascension, y of half the difference in declination and z the squared cosine of the
-- mean declination, sin^2(distance / 2) = x (z - y) + y.
--
-- PostgreSQL raises an error where C returns 0 for a product below 5e-324. Adding 1e-100 keeps every factor
-- away from there and changes no bit of a difference above 1e-84 degrees. It also refuses the sine of infinity, whose
-- distance from anything is NaN as in C.

CREATE OR REPLACE FUNCTION @extschema@.q3c_sindist(
  double precision, double precision, double precision, double precision)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN greatest(abs($1), abs($2), abs($3), abs($4)) < 'Infinity' THEN
  sin(radians(($1 - $3 + 1e-100) / 2)) * sin(radians(($1 - $3 + 1e-100) / 2))
  * (cos(radians(($2 + $4 + 1e-100) / 2)) * cos(radians(($2 + $4 + 1e-100) / 2))
     - sin(radians(($2 - $4 + 1e-100) / 2)) * sin(radians(($2 - $4 + 1e-100) / 2)))
  + sin(radians(($2 - $4 + 1e-100) / 2)) * sin(radians(($2 - $4 + 1e-100) / 2))
  + 1e-180 - 1e-180
ELSE 'NaN'::double precision + $1 + $2 + $3 + $4 END;
COMMENT ON FUNCTION @extschema@.q3c_sindist(
  double precision, double precision, double precision, double precision)
  IS 'Squared sine of half the distance between two positions: ra1, dec1, ra2, dec2 in degrees';

-- Not in SQL: the planner would see through it, and count its cost with every row.
CREATE OR REPLACE FUNCTION @extschema@.q3c_nearer_exactly(
  double precision, double precision, double precision, double precision, double precision)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1
AS $$
BEGIN
  RETURN @extschema@.q3c_sindist($1, $2, $3, $4) < power(sin(radians($5) / 2), 2);
END $$;

-- The same, where starting parallel workers would take longer than the whole search: the label forbids them.
CREATE OR REPLACE FUNCTION @extschema@.q3c_nearer_alone(
  double precision, double precision, double precision, double precision, double precision)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL RESTRICTED COST 1
AS $$
BEGIN
  RETURN @extschema@.q3c_nearer_exactly($1, $2, $3, $4, $5);
END $$;

-- Whether q3c_sindist is below the squared sine of half a radius (degrees), told by the cosine of the distance, which
-- takes a third of the time; within its rounding (1e-15, taken a hundredfold) q3c_sindist itself decides. Both take the
-- difference in right ascension alike, so that they agree however large it is. The last argument forbids parallel plans;
-- the planner counts all these operations dearer than they are, and would want workers for a few thousand rows.
CREATE OR REPLACE FUNCTION @extschema@.q3c_nearer(
  double precision, double precision, double precision, double precision, double precision, alone boolean)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN greatest(abs($1), abs($2), abs($3), abs($4)) < 'Infinity' THEN
  CASE sign(trunc((
      sin(radians($2 + 1e-100)) * sin(radians($4 + 1e-100))
      + cos(radians($2 + 1e-100)) * cos(radians($4 + 1e-100)) * cos(radians($1 - $3 + 1e-100))
      - cos(radians($5))) * 1e13))
    WHEN 1 THEN true
    WHEN -1 THEN false
    ELSE CASE WHEN $6 THEN @extschema@.q3c_nearer_alone($1, $2, $3, $4, $5)
              ELSE @extschema@.q3c_nearer_exactly($1, $2, $3, $4, $5) END
  END
END;

CREATE OR REPLACE FUNCTION @extschema@.q3c_dist(
  ra1 double precision, dec1 double precision, ra2 double precision, dec2 double precision)
RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5
AS $$
DECLARE
  haversine double precision := @extschema@.q3c_sindist(ra1, dec1, ra2, dec2);
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
