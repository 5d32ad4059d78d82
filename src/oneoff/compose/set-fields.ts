/** Drops fields without a value: Compose does not send undefined, empty, zero and false values. */
export const setFields = <T extends object>(fields: T): { [Key in keyof T]?: NonNullable<T[Key]> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => isSet(value))) as {
    [Key in keyof T]?: NonNullable<T[Key]>;
  };

const isSet = (value: unknown) =>
  Boolean(value) && (typeof value !== "object" || value === null || Object.keys(value).length > 0);
