type Schema = Readonly<Record<string, unknown>>;

/** What JSON Schema has to say against a value, as far as our own schema uses it; an unknown keyword is an error. */
export function complaints(schema: Schema, value: unknown, path = "$"): string[] {
  const fits = (inner: unknown) => complaints(inner as Schema, value, path).length === 0;
  const is = (fine: boolean, keyword: string) => (fine ? [] : [`${path}: ${keyword}`]);
  const record = typeOf(value) === "object" ? (value as Record<string, unknown>) : {};
  const { properties = {}, patternProperties = {} } = schema as Record<string, Record<string, Schema>>;
  const patterns = Object.entries(patternProperties).map(
    ([source, inner]) => [new RegExp(source, "u"), inner] as const,
  );
  const matching = (key: string) => patterns.filter(([pattern]) => pattern.test(key)).map(([, inner]) => inner);

  const keywords: Record<string, (said: never) => string[]> = {
    $schema: () => [],
    title: () => [],
    description: () => [],
    else: () => [],
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word.
    then: () => [],
    type: (types: string | string[]) => is([types].flat().includes(typeOf(value)), "type"),
    enum: (values: unknown[]) => is(values.includes(value), "enum"),
    pattern: (source: string) => is(typeof value !== "string" || new RegExp(source, "u").test(value), "pattern"),
    required: (keys: string[]) =>
      is(typeOf(value) !== "object" || keys.every((key) => Object.hasOwn(record, key)), "required"),
    minItems: (least: number) => is(!Array.isArray(value) || value.length >= least, "minItems"),
    items: (inner: Schema) =>
      Array.isArray(value) ? value.flatMap((item, n) => complaints(inner, item, `${path}[${n}]`)) : [],
    properties: () =>
      Object.entries(record).flatMap(([key, item]) =>
        Object.hasOwn(properties, key) ? complaints(properties[key] as Schema, item, `${path}.${key}`) : [],
      ),
    patternProperties: () =>
      Object.entries(record).flatMap(([key, item]) =>
        matching(key).flatMap((inner) => complaints(inner, item, `${path}.${key}`)),
      ),
    additionalProperties: () =>
      Object.keys(record)
        .filter((key) => !Object.hasOwn(properties, key) && matching(key).length === 0)
        .map((key) => `${path}.${key}: additionalProperties`),
    anyOf: (inner: Schema[]) => is(inner.some(fits), "anyOf"),
    not: (inner: Schema) => is(!fits(inner), "not"),
    if: (inner: Schema) => complaints((fits(inner) ? schema.then : schema.else) as Schema, value, path),
  };
  return Object.entries(schema).flatMap(([keyword, said]) => {
    const judge = keywords[keyword];
    if (!judge) throw new Error(`unknown keyword ${keyword}`);
    return judge(said as never);
  });
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
