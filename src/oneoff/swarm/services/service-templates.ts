import type { Service, ServiceSpec } from "../../../engine/swarm/service-types.ts";

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
export function expandTemplate(text: string, service: Service, node: TemplateNode): string | undefined {
  const values: Readonly<Record<string, string | undefined>> = {
    ".Node.ID": node.id,
    ".Node.Hostname": node.hostname,
    [OPENING_TEXT]: "{{",
  };
  let isKnown = true;
  const expanded = text.replaceAll(PLACEHOLDER, (_, expression: string) => {
    const value = serviceValue(expression, service) ?? values[expression];
    if (value === undefined) isKnown = false;
    return value ?? "";
  });
  return isKnown ? expanded : undefined;
}

function serviceValue(expression: string, { ID, Spec }: Service): string | undefined {
  const [, label] = LABEL_OF.exec(expression) ?? [];
  // Go's templates give an empty text for a label that is not set.
  if (label !== undefined) return Spec.Labels?.[label] ?? "";
  return { ".Service.ID": ID, ".Service.Name": Spec.Name }[expression];
}

/**
 * The spec with the values of the service itself, for a service of one that copies it: another name would e.g. select
 * another volume. Other placeholders stay.
 */
export function withServiceValues(service: Service): ServiceSpec {
  const { TaskTemplate } = service.Spec;
  const { ContainerSpec } = TaskTemplate;
  if (!ContainerSpec) return service.Spec;
  const bind = (text: string) =>
    text.replaceAll(PLACEHOLDER, (placeholder, expression: string) => {
      const value = serviceValue(expression, service);
      return value === undefined ? placeholder : escapeTemplate(value);
    });
  const { Env, Hostname, Mounts } = ContainerSpec;
  const mounts = Mounts?.map((mount) => ({
    ...{ ...mount, Target: bind(mount.Target) },
    ...(mount.Source !== undefined && { Source: bind(mount.Source) }),
  }));
  const values = { ...(Env && { Env: Env.map(bind) }), ...(Hostname && { Hostname: bind(Hostname) }) };
  const container = { ...ContainerSpec, ...values, ...(mounts && { Mounts: mounts }) };
  return { ...service.Spec, TaskTemplate: { ...TaskTemplate, ContainerSpec: container } };
}
