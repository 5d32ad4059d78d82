import { service } from "./answers.ts";
import type { Transport } from "./transport.ts";

/** The settings of a Swarm service that its containers do not have. */
export interface ServiceDetails {
  Spec: {
    TaskTemplate: {
      ContainerSpec?: {
        Secrets?: readonly { SecretName: string; File?: { Name: string } | null }[] | null;
        Configs?: readonly { ConfigName: string; File?: { Name: string } | null }[] | null;
      };
    };
  };
}

/** `GET /services/{id}`. @throws OneoffError with status 503 on a worker node. */
export async function inspectService(engine: Transport, id: string): Promise<ServiceDetails> {
  return (await engine.send({ method: "GET", path: `/services/${id}` })).json<ServiceDetails>(service);
}
