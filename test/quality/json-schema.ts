// What a value has against a JSON Schema: as much of draft 2020-12 as the project's own schemas say.

interface Schema {
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly type?: string | readonly string[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: false | Schema
  readonly items?: Schema
}

/** The faults of a value, each with its place; none where it follows the schema. */
export function schemaFaults(schema: Schema, value: unknown, place = '$'): string[] {
  if ('const' in schema && value !== schema.const) return [`${place} is not ${String(schema.const)}`]
  if (schema.enum && !schema.enum.includes(value)) return [`${place} is ${String(value)}`]
  const types = [schema.type ?? []].flat()
  if (types.length > 0 && !types.some((type) => isOf(type, value)))
    return [`${place} is no ${types.join(' or ')}`]
  if (Array.isArray(value))
    return value.flatMap((item, i) =>
      schema.items ? schemaFaults(schema.items, item, `${place}[${i}]`) : [],
    )
  if (typeof value !== 'object' || value === null) return []
  const absent = (schema.required ?? []).filter((name) => !(name in value))
  const faults = absent.map((name) => `${place}.${name} is absent`)
  for (const [name, each] of Object.entries(value)) {
    const own = schema.properties?.[name] ?? schema.additionalProperties
    if (own === false) faults.push(`${place}.${name} is not in the schema`)
    else if (own) faults.push(...schemaFaults(own, each, `${place}.${name}`))
  }
  return faults
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return Number.isSafeInteger(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === type
}
