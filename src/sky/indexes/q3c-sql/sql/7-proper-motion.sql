-- Proper motions, in milliarcseconds a year: positions of the left table move to the right one's epoch.
-- Where a proper motion or an epoch is NULL the position stays; a NULL position is an error, as in Q3C.

CREATE OR REPLACE FUNCTION @extschema@.q3c_sindist_pm(
  ra1 double precision, dec1 double precision, pmra1 double precision, pmdec1 double precision,
  cosdec_flag integer, epoch1 double precision, ra2 double precision, dec2 double precision,
  epoch2 double precision)
RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100
AS $$
DECLARE
  years double precision := epoch2 - epoch1;
  ra double precision := ra1;
  decl double precision := dec1;
BEGIN
  IF ra1 IS NULL OR dec1 IS NULL OR ra2 IS NULL OR dec2 IS NULL THEN
    RAISE EXCEPTION 'The RA, DEC columns are not allowed to be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF years IS NOT NULL AND pmra1 IS NOT NULL AND pmdec1 IS NOT NULL THEN
    ra := ra1 + pmra1 * years
                / CASE WHEN coalesce(cosdec_flag, 0) <> 0 THEN cos(radians(dec1 + 1e-100)) ELSE 1 END / 3600000;
    decl := dec1 + pmdec1 * years / 3600000;
  END IF;
  RETURN @extschema@.q3c_sindist(ra, decl, ra2, dec2);
END $$;

CREATE OR REPLACE FUNCTION @extschema@.q3c_dist_pm(
  ra1 double precision, dec1 double precision, pmra1 double precision, pmdec1 double precision,
  cosdec_flag integer, epoch1 double precision, ra2 double precision, dec2 double precision,
  epoch2 double precision)
RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100
AS $$
DECLARE
  haversine double precision :=
    @extschema@.q3c_sindist_pm(ra1, dec1, pmra1, pmdec1, cosdec_flag, epoch1, ra2, dec2, epoch2);
BEGIN
  RETURN CASE WHEN haversine < 1e-180 THEN 0
              WHEN haversine < 1 THEN 2 * asin(sqrt(haversine)) * 57.29577951308232
              WHEN haversine = 'NaN' THEN haversine
              ELSE 180 END;
END $$;
COMMENT ON FUNCTION @extschema@.q3c_dist_pm(
  double precision, double precision, double precision, double precision, integer,
  double precision, double precision, double precision, double precision)
  IS 'Distance in degrees between a position moved to the epoch of another and that one';

-- As q3c_join_bound, for a circle that holds the left position at every epoch up to max_epoch_delta years away
-- and the radius about it. The motions along the two coordinates are added, not taken in quadrature: near a
-- pole the path is longer than its chord.
CREATE OR REPLACE FUNCTION @extschema@.q3c_pm_bound(
  ra double precision, decl double precision, pmra double precision, pmdec double precision,
  cosdec_flag integer, max_epoch_delta double precision, radius double precision, bound integer)
RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 500
AS $$
DECLARE
  widened double precision := radius;
BEGIN
  IF max_epoch_delta < 0 THEN
    RAISE EXCEPTION 'The maximum epoch difference must be >=0';
  ELSIF ra IS NULL OR decl IS NULL OR radius IS NULL THEN
    RAISE EXCEPTION 'Right Ascensions and raddii must be not null' USING ERRCODE = 'null_value_not_allowed';
  ELSIF abs(pmra) < 1e100 AND abs(pmdec) < 1e100 AND max_epoch_delta < 1e100 THEN
    widened := radius + max_epoch_delta / 3600000
      * (abs(pmdec) + abs(pmra) * CASE WHEN coalesce(cosdec_flag, 0) <> 0 THEN 1 ELSE cos(radians(decl + 1e-100)) END);
  END IF;
  RETURN @extschema@.q3c_join_bound(
    ra, decl, widened, CASE WHEN widened < 17 THEN sin(radians(widened + 1e-100)) + 1e-14 ELSE 1 END, bound);
END $$;

CREATE OR REPLACE FUNCTION @extschema@.q3c_in_moving_ranges(
  ipix bigint, ra double precision, decl double precision, pmra double precision, pmdec double precision,
  cosdec_flag integer, max_epoch_delta double precision, radius double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (ipix >= @extschema@.q3c_pm_bound(ra, decl, pmra, pmdec, cosdec_flag, max_epoch_delta, radius, 0)
        AND ipix < @extschema@.q3c_pm_bound(ra, decl, pmra, pmdec, cosdec_flag, max_epoch_delta, radius, 1))
  OR (ipix >= @extschema@.q3c_pm_bound(ra, decl, pmra, pmdec, cosdec_flag, max_epoch_delta, radius, 2)
        AND ipix < @extschema@.q3c_pm_bound(ra, decl, pmra, pmdec, cosdec_flag, max_epoch_delta, radius, 3))
  OR (ipix >= @extschema@.q3c_pm_bound(ra, decl, pmra, pmdec, cosdec_flag, max_epoch_delta, radius, 4)
        AND ipix < @extschema@.q3c_pm_bound(ra, decl, pmra, pmdec, cosdec_flag, max_epoch_delta, radius, 5))
  OR (ipix >= @extschema@.q3c_pm_bound(ra, decl, pmra, pmdec, cosdec_flag, max_epoch_delta, radius, 6)
        AND ipix < @extschema@.q3c_pm_bound(ra, decl, pmra, pmdec, cosdec_flag, max_epoch_delta, radius, 7));

CREATE OR REPLACE FUNCTION @extschema@.q3c_join_pm(
  left_ra double precision, left_dec double precision, left_pmra double precision,
  left_pmdec double precision, cosdec_flag integer, left_epoch double precision,
  right_ra double precision, right_dec double precision, right_epoch double precision,
  max_epoch_delta double precision, radius double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_in_moving_ranges(
    @extschema@.q3c_ang2ipix(right_ra, right_dec), left_ra, left_dec, left_pmra, left_pmdec, cosdec_flag,
    max_epoch_delta, radius)
  AND @extschema@.q3c_sindist_pm(left_ra, left_dec, left_pmra, left_pmdec, cosdec_flag, left_epoch,
                                 right_ra, right_dec, right_epoch) < power(sin(radians(radius) / 2), 2)
  AND @extschema@.q3c_rarely(left_ra, left_dec, right_ra, right_dec, 180);
