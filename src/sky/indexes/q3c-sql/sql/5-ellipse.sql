-- Ellipses: the intersection of the sphere with an elliptic cone. In the plane that touches the sphere at the
-- ellipse's centre it is an ellipse with half axes tan(major) and ratio * tan(major).

CREATE OR REPLACE FUNCTION @extschema@.q3c_in_ellipse(
  ra0 double precision, dec0 double precision, ra_ell double precision, dec_ell double precision,
  maj_ax double precision, axis_ratio double precision, pa double precision)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100
AS $$
BEGIN
  IF NOT greatest(abs(ra0), abs(dec0)) < 'Infinity' THEN
    RETURN false;
  END IF;
  DECLARE
    -- 1e-100 and 1e-60 keep products from where PostgreSQL refuses them
    turn double precision := radians((ra0 - ra_ell + 1e-100));
    half double precision := sin(turn / 2);
    cos_dec double precision := cos(radians(dec0 + 1e-100));
    sin_centre double precision := sin(radians(dec_ell + 1e-100)) + 1e-60;
    towards double precision := sin(radians(dec0 + 1e-100)) * sin_centre
                                + cos_dec * cos(radians(dec_ell + 1e-100)) * cos(turn);
    east double precision := cos_dec * sin(turn) + 1e-60;
    north double precision := sin(radians(dec0 - dec_ell + 1e-100)) + 2 * sin_centre * cos_dec * half * half;
    major double precision := sin(radians(pa)) * east + cos(radians(pa)) * north + 1e-60;
    minor double precision := cos(radians(pa)) * east - sin(radians(pa)) * north + 1e-60;
    sin_size double precision := sin(radians(maj_ax));
    cos_size double precision := cos(radians(maj_ax));
    ratio double precision := axis_ratio * axis_ratio;
  BEGIN
    RETURN ratio <= 1 AND towards >= 0 AND maj_ax <> 'NaN'
      AND (major * major * ratio + minor * minor) * cos_size * cos_size
          < towards * towards * sin_size * sin_size * ratio;
  END;
END $$;
COMMENT ON FUNCTION @extschema@.q3c_in_ellipse(
  double precision, double precision, double precision, double precision,
  double precision, double precision, double precision)
  IS 'Whether a position lies in an ellipse: centre, half major axis, axis ratio, position angle east of north';

CREATE OR REPLACE FUNCTION @extschema@.q3c_ellipse_query(
  ra_col double precision, dec_col double precision, ra_ell double precision, dec_ell double precision,
  majax double precision, axis_ratio double precision, pa double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_in_ranges(
    @extschema@.q3c_ang2ipix(ra_col, dec_col), @extschema@.q3c_cone_ranges(ra_ell, dec_ell, majax, 16))
  AND @extschema@.q3c_in_ellipse(ra_col, dec_col, ra_ell, dec_ell, majax, axis_ratio, pa);

CREATE OR REPLACE FUNCTION @extschema@.q3c_ellipse_join(
  leftra double precision, leftdec double precision, rightra double precision, rightdec double precision,
  majoraxis double precision, axisratio double precision, pa double precision)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @extschema@.q3c_in_circle_ranges(
    @extschema@.q3c_ang2ipix(rightra, rightdec), leftra, leftdec, majoraxis,
    CASE WHEN majoraxis < 90 THEN sin(radians(majoraxis + 1e-100)) + 1e-14 ELSE 1 END)
  AND @extschema@.q3c_in_ellipse(rightra, rightdec, leftra, leftdec, majoraxis, axisratio, pa)
  AND @extschema@.q3c_rarely(leftra, leftdec, rightra, rightdec, majoraxis);
