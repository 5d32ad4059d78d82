import type { Service } from "../../../engine/swarm/service-types.ts";
import { LABEL } from "../../../identity/labels.ts";
import { isOwnName, labelOf } from "../../../identity/ownership.ts";

/** A Swarm service as an app. */
export interface ServiceApp {
  readonly service: Service;
  /** The stack that `docker stack deploy` created it for. */
  readonly stack: string | undefined;
  /** The app and process type, if oneoff deployed the service. */
  readonly own: { readonly app: string; readonly type: string } | undefined;
}

export const STACK_LABEL = "com.docker.stack.namespace";

export function toServiceApp(service: Service): ServiceApp {
  const labels = service.Spec.Labels ?? {};
  const app = isOwnService(service) && labels[LABEL.kind] === "process" ? labelOf(labels, LABEL.app) : undefined;
  return {
    service,
    stack: labelOf(labels, STACK_LABEL),
    own: app === undefined ? undefined : { app, type: labels[LABEL.processType] ?? "" },
  };
}

/** Whether oneoff created the service: a process of an app, a one-off or a holder. */
export const isOwnService = ({ Spec: { Name, Labels } }: Pick<Service, "Spec">): boolean =>
  isOwnName(Name, Labels ?? {});

/** The unambiguous name of the app: `swarm:shop_web`, or `swarm:my-app` for all process types of an own app. */
export const qualifiedServiceName = ({ service, own }: ServiceApp): string => `swarm:${own?.app ?? service.Spec.Name}`;

/**
 * Names that an app can be found by: `shop_web`, for a service of the stack shop also `shop/web` and `web`, and for a
 * service that oneoff deployed also the name of the app.
 */
export const serviceAppNames = ({ service, stack, own }: ServiceApp): string[] => [
  ...serviceNames(service.Spec.Name, stack),
  ...(own ? [own.app] : []),
];

export function serviceNames(name: string, stack: string | undefined): string[] {
  if (stack === undefined || !name.startsWith(`${stack}_`)) return [name];
  const short = name.slice(stack.length + 1);
  return [name, `${stack}/${short}`, short];
}
