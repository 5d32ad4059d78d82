import { maskCommand } from "../app/secrets/mask.ts";
import type { Invocation } from "./argv.ts";
import type { Command } from "./command.ts";

/** @returns the line to type, with secrets masked, and the app as an argument instead of `--app` where possible. */
export function commandLine(
  { command, options, args }: Invocation,
  shape: Partial<Pick<Command, "usage" | "options">> | undefined,
): string {
  const app =
    shape?.usage && /\[options\] [<[]app[>\]]/.test(shape.usage)
      ? options.findLast((option) => option.startsWith("--app="))
      : undefined;
  const shown = options
    .filter((option) => app === undefined || !option.startsWith("--app="))
    .flatMap((option) => {
      const [, name = "", value] = /^(--[^=]+)(?:=([\s\S]*))?$/.exec(option) ?? [];
      if (value === undefined) return [name];
      if (shape?.options?.[name.slice(2)]?.optional) return [value === "" ? name : option];
      return value.startsWith("-") ? [option] : [name, value];
    });
  return maskCommand([
    "oneoff",
    ...(command ? [command] : []),
    ...shown,
    ...(app ? [app.slice("--app=".length)] : []),
    ...args,
  ]);
}
