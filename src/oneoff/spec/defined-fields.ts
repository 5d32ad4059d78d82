/** Drops fields without a value: the engine takes an empty value for a setting. */
export const definedFields = <T extends object>(fields: { [Key in keyof T]: T[Key] | undefined | null }) =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && value !== null && (value as { length?: number }).length !== 0,
    ),
  ) as Partial<T>;
