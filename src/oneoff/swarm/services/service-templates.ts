import type { Service } from "../../../engine/swarm/service-types.ts";

/** The node that a one-off runs on. */
export interface TemplateNode {
  readonly id: string | undefined;
  readonly hostname: string | undefined;
}

/** Whether a value has placeholders of a node: `{{.Node.Hostname}}`. */
export const namesNode = (text: string): boolean => /\{\{[^}]*\.Node\./.test(text);

const PLACEHOLDER = /\{\{-?\s*(.*?)\s*-?\}\}/g;
const LABEL_OF = /^index\s+\.Service\.Labels\s+"([^"\\]*)"$/;

/** The expression that `escapeTemplate` writes. */
const OPENING_TEXT = '"{{"';

/** Text that Swarm expands to the given text, with its braces. */
export const escapeTemplate = (text: string): string => text.replaceAll("{{", `{{${OPENING_TEXT}}}`);

/**
 * Replaces the placeholders of a service's settings: `{{.Service.Name}}`.
 * @returns undefined if the value depends on the task, e.g. `{{.Task.Slot}}`, or has a function
 */
export function expandTemplate(text: string, { ID, Spec }: Service, node: TemplateNode): string | undefined {
  const values: Readonly<Record<string, string | undefined>> = {
    ".Service.ID": ID,
    ".Service.Name": Spec.Name,
    ".Node.ID": node.id,
    ".Node.Hostname": node.hostname,
    [OPENING_TEXT]: "{{",
  };
  const labels = Spec.Labels ?? {};
  let isKnown = true;
  const expanded = text.replaceAll(PLACEHOLDER, (_, expression: string) => {
    const [, label] = LABEL_OF.exec(expression) ?? [];
    // Go's templates give an empty text for a label that is not set.
    const value = label === undefined ? values[expression] : (labels[label] ?? "");
    if (value === undefined) isKnown = false;
    return value ?? "";
  });
  return isKnown ? expanded : undefined;
}
