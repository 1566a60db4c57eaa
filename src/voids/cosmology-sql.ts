// Cosmology in SQL: tables of cubic pieces in the database, and functions that read them to a stated error.
import type { Client } from '../postgres/index.ts'
import { copyRows } from './bulk-load.ts'
import { refine } from './comoving-table.ts'
import { type Cosmology, describeCosmology, expansionRate } from './cosmology.ts'

/** Redshift up to which the functions answer. */
export const SQL_REDSHIFT_LIMIT = 10
/** Bounds of the functions' errors for redshifts in [0, 10]: in the model's length unit, and in Gyr. */
export const SQL_DISTANCE_ERROR = 1e-8
export const SQL_LOOKBACK_ERROR = 1e-10

const ddl = `
CREATE SCHEMA IF NOT EXISTS almagest;
CREATE TABLE IF NOT EXISTS almagest.cosmology (
  cosmology text PRIMARY KEY,
  cosmology_id integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  omega_m double precision NOT NULL,
  omega_de double precision NOT NULL,
  omega_k double precision NOT NULL,
  omega_r double precision NOT NULL,
  w double precision NOT NULL,
  h double precision NOT NULL,
  hubble_distance double precision NOT NULL,
  length_unit text NOT NULL,
  z_max double precision NOT NULL,
  steps integer NOT NULL,
  distance_error double precision NOT NULL,
  lookback_error double precision NOT NULL
);
COMMENT ON TABLE almagest.cosmology IS 'Cosmologies that the functions of distance and time know';
COMMENT ON COLUMN almagest.cosmology.cosmology IS 'Name, as almagest.void_mapping_release has it';
COMMENT ON COLUMN almagest.cosmology.distance_error IS 'Upper bound of the error of comoving distances, in length_unit';
COMMENT ON COLUMN almagest.cosmology.lookback_error IS 'Upper bound of the error of lookback times, Gyr';
CREATE TABLE IF NOT EXISTS almagest.cosmology_node (
  cosmology_id integer NOT NULL REFERENCES almagest.cosmology (cosmology_id) ON DELETE CASCADE,
  node integer NOT NULL,
  distance double precision NOT NULL,
  distance_slope double precision NOT NULL,
  lookback double precision NOT NULL,
  lookback_slope double precision NOT NULL,
  PRIMARY KEY (cosmology_id, node)
);
COMMENT ON TABLE almagest.cosmology_node IS 'Nodes of cubic Hermite pieces over redshift: values, and slopes times the step';
CREATE OR REPLACE FUNCTION almagest.cosmology_at(z double precision, name text, OUT model almagest.cosmology,
  OUT comoving double precision, OUT lookback double precision)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
  a almagest.cosmology_node;
  b almagest.cosmology_node;
  t double precision;
  piece integer;
BEGIN
  SELECT * INTO model FROM almagest.cosmology c WHERE c.cosmology = name;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no cosmology is called "%"', name USING ERRCODE = 'no_data_found',
      HINT = 'almagest.cosmology lists them; a mapping run adds those of its void catalogues.';
  END IF;
  IF z = 'NaN' OR z < 0 THEN RETURN; END IF;
  IF z > model.z_max THEN
    RAISE EXCEPTION 'redshift % is beyond the table, which ends at %', z, model.z_max
      USING ERRCODE = 'numeric_value_out_of_range', HINT = 'Leave such rows out, or compute them outside the database.';
  END IF;
  t := z * (model.steps / model.z_max);
  piece := least(floor(t)::integer, model.steps - 1);
  t := t - piece;
  SELECT * INTO a FROM almagest.cosmology_node n WHERE n.cosmology_id = model.cosmology_id AND n.node = piece;
  SELECT * INTO b FROM almagest.cosmology_node n WHERE n.cosmology_id = model.cosmology_id AND n.node = piece + 1;
  comoving := a.distance + t * (a.distance_slope + t * (3 * (b.distance - a.distance) - 2 * a.distance_slope
    - b.distance_slope + t * (a.distance_slope + b.distance_slope - 2 * (b.distance - a.distance))));
  lookback := a.lookback + t * (a.lookback_slope + t * (3 * (b.lookback - a.lookback) - 2 * a.lookback_slope
    - b.lookback_slope + t * (a.lookback_slope + b.lookback_slope - 2 * (b.lookback - a.lookback))));
END $$;
CREATE OR REPLACE FUNCTION almagest.comoving_distance(z double precision, cosmology text) RETURNS double precision
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS 'SELECT comoving FROM almagest.cosmology_at($1, $2)';
CREATE OR REPLACE FUNCTION almagest.transverse_comoving_distance(z double precision, cosmology text)
RETURNS double precision LANGUAGE sql STABLE STRICT PARALLEL SAFE AS
'SELECT CASE WHEN (model).omega_k > 0
   THEN (model).hubble_distance / sqrt((model).omega_k) * sinh(sqrt((model).omega_k) * comoving / (model).hubble_distance)
   WHEN (model).omega_k < 0
   THEN (model).hubble_distance / sqrt(-(model).omega_k) * sin(sqrt(-(model).omega_k) * comoving / (model).hubble_distance)
   ELSE comoving END FROM almagest.cosmology_at($1, $2)';
CREATE OR REPLACE FUNCTION almagest.luminosity_distance(z double precision, cosmology text) RETURNS double precision
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS 'SELECT (1 + $1) * almagest.transverse_comoving_distance($1, $2)';
CREATE OR REPLACE FUNCTION almagest.angular_diameter_distance(z double precision, cosmology text)
RETURNS double precision LANGUAGE sql STABLE STRICT PARALLEL SAFE AS
'SELECT almagest.transverse_comoving_distance($1, $2) / (1 + $1)';
CREATE OR REPLACE FUNCTION almagest.lookback_time(z double precision, cosmology text) RETURNS double precision
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS 'SELECT lookback FROM almagest.cosmology_at($1, $2)';
COMMENT ON FUNCTION almagest.comoving_distance IS 'Comoving distance along the line of sight; NULL below redshift 0';
COMMENT ON FUNCTION almagest.transverse_comoving_distance IS 'Comoving distance across the line of sight';
COMMENT ON FUNCTION almagest.luminosity_distance IS 'Luminosity distance';
COMMENT ON FUNCTION almagest.angular_diameter_distance IS 'Angular diameter distance';
COMMENT ON FUNCTION almagest.lookback_time IS 'Lookback time, Gyr'`

/** Makes the tables and functions where they are not there yet. Not within a transaction. */
export async function ensureCosmologyFunctions(client: Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regproc('almagest.lookback_time') IS NOT NULL AS there",
  )
  if (rows[0]?.there) return
  await client.transaction(async () => {
    // IF NOT EXISTS alone can still collide when two processes create at once.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('almagest register', 0))")
    await client.query(ddl)
  })
}

/**
 * Makes a cosmology known to the SQL functions, `almagest.comoving_distance(z, cosmology)` and its sisters, after
 * {@link ensureCosmologyFunctions}; within a transaction it comes and goes with that. Known ones stay as they are.
 * @returns the name to call it by: the cosmology in words
 * @throws AlmagestError `COMOVING_TABLE` when no table reaches the error bounds
 */
export async function storeCosmology(client: Client, model: Cosmology): Promise<string> {
  const name = describeCosmology(model)
  const z = SQL_REDSHIFT_LIMIT
  const distance = refine((at) => model.hubbleDistance / expansionRate(model, at), z, SQL_DISTANCE_ERROR)
  const perRedshift = (at: number) => model.hubbleTime / ((1 + at) * expansionRate(model, at))
  const lookback = refine(perRedshift, z, SQL_LOOKBACK_ERROR, distance.steps)
  // One set of nodes serves both: the finer one.
  const { steps } = lookback
  const fine =
    steps === distance.steps
      ? distance
      : refine((at) => model.hubbleDistance / expansionRate(model, at), z, SQL_DISTANCE_ERROR, steps)
  const { omegaM, omegaDE, omegaK, omegaR, w, h, hubbleDistance, lengthUnit } = model
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO almagest.cosmology (cosmology, omega_m, omega_de, omega_k, omega_r, w, h, hubble_distance,
       length_unit, z_max, steps, distance_error, lookback_error)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING RETURNING cosmology_id AS id`,
    [
      ...[name, omegaM, omegaDE, omegaK, omegaR, w, h, hubbleDistance, lengthUnit],
      ...[z, steps, SQL_DISTANCE_ERROR, SQL_LOOKBACK_ERROR],
    ],
  )
  const id = rows[0]?.id
  if (id === undefined) return name
  const columns = ['cosmology_id', 'node', 'distance', 'distance_slope', 'lookback', 'lookback_slope']
  const write: Parameters<typeof copyRows>[3][number]['write'] = (writer, node) => {
    writer.row()
    writer.value('integer', id)
    writer.value('integer', node)
    for (const { nodes } of [fine, lookback]) {
      writer.value('double precision', nodes[2 * node]!)
      writer.value('double precision', nodes[2 * node + 1]!)
    }
  }
  await copyRows(client, 'almagest.cosmology_node', columns, [{ rows: steps + 1, write }])
  return name
}
