import type { Procfile } from "../../app/procfile.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import type { Suggestion } from "./expected.ts";

export const typeSuggestions = (procfile: Procfile): Suggestion[] =>
  Array.from(procfile, ([value, line]) => ({ value, what: maskCommand([line]) }));
