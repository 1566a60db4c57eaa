// The HEALPix functions as one statement that installs them where this user may, and does no harm elsewhere.
import { readFileSync } from 'node:fs'

/** Creates or replaces the functions in schema public; nothing happens where they are another user's. */
export function healpixInstall(): string {
  const source = readFileSync(new URL('./sql/healpix.sql', import.meta.url), 'utf8')
  return `DO $install$
DECLARE
  present pg_catalog.regprocedure;
BEGIN
  -- two at once would collide
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('almagest healpix', 0));
  present := pg_catalog.to_regprocedure('public.healpix_nest(integer, double precision, double precision)');
  IF pg_catalog.has_schema_privilege('public', 'CREATE') AND (present IS NULL OR (
    SELECT pg_catalog.pg_has_role(proowner, 'USAGE') FROM pg_catalog.pg_proc WHERE oid = present)) THEN
    EXECUTE $script$${source}$script$;
  END IF;
END $install$`
}
