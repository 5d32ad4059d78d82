import type { Service } from "../../engine/swarm/service-types.ts";

/** A Swarm service as an app. */
export interface ServiceApp {
  readonly service: Service;
  /** The stack that `docker stack deploy` created it for. */
  readonly stack: string | undefined;
}

export const STACK_LABEL = "com.docker.stack.namespace";

export const toServiceApp = (service: Service): ServiceApp => ({
  service,
  stack: service.Spec.Labels?.[STACK_LABEL] || undefined,
});

/** Names that an app can be found by: `shop_web`, and for a service of the stack shop also `shop/web` and `web`. */
export function serviceAppNames({ service, stack }: ServiceApp): string[] {
  const { Name } = service.Spec;
  if (stack === undefined || !Name.startsWith(`${stack}_`)) return [Name];
  const short = Name.slice(stack.length + 1);
  return [Name, `${stack}/${short}`, short];
}
