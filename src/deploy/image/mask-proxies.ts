import { urlPasswords } from "../../app/secrets/spans.ts";

/** Masks passwords in proxy build arguments, because a build step may print its environment. */
export function maskProxies(args: ReadonlyMap<string, string>): (text: string) => string {
  const passwords = [...args]
    .filter(([name]) => /_proxy$/i.test(name))
    .flatMap(([, value]) => urlPasswords(value).map(([from, to]) => value.slice(from, to)));
  const variants = [...new Set(passwords.flatMap((password) => [password, decode(password)]))];
  return (text) => variants.reduce((masked, form) => masked.replaceAll(form, "***"), text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
