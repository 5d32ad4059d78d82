import { urlPasswords } from "../../app/secrets/spans.ts";

/** Hides the passwords of proxies among the build arguments: a step may print its environment. */
export function maskProxies(args: ReadonlyMap<string, string>): (text: string) => string {
  const passwords = [...args]
    .filter(([name]) => /_proxy$/i.test(name))
    .flatMap(([, value]) => urlPasswords(value).map(([from, to]) => value.slice(from, to)));
  const forms = [...new Set(passwords.flatMap((password) => [password, decoded(password)]))];
  return (text) => forms.reduce((masked, form) => masked.replaceAll(form, "***"), text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
