import { driverOptions, labels, options, plainOptions, wordOrWords } from "./map-shapes.ts";
import { choice, flag, integer, text, word } from "./scalar-shapes.ts";
import { NAME, service } from "./service-shape.ts";
import { kinds, listOf, mapOfAny, or, type Shape, struct, writing } from "./shape.ts";

const external = or(flag, { map: struct({ name: text }).check });

const orNothing = (shape: Shape) =>
  writing(or(shape, { nothing: true }), (value, path, wrong) => shape.write(value ?? {}, path, wrong));

/** Compose does not print it. */
const checked = (shape: Shape) => writing(shape, () => undefined);

const ipam = struct(
  {
    config: listOf(struct({ aux_addresses: options({ text: true }), gateway: text, ip_range: text, subnet: text })),
    driver: text,
    options: checked(options({ text: true })),
  },
  { isKept: true },
);

const network = struct({
  attachable: flag,
  driver: text,
  driver_opts: driverOptions,
  enable_ipv4: choice,
  enable_ipv6: choice,
  external,
  internal: flag,
  ipam,
  labels,
  name: text,
});

const volume = struct({ driver: text, driver_opts: driverOptions, external, labels, name: text });

const fileObject = {
  environment: text,
  external,
  file: text,
  labels,
  name: text,
  template_driver: text,
};

const include = struct({ env_file: wordOrWords, path: wordOrWords, project_directory: text }, { strict: true });

const model = struct(
  { context_size: integer(), model: text, name: text, runtime_flags: listOf(word) },
  { required: ["model"] },
);

/** A whole Compose file. */
export const project = struct({
  configs: mapOfAny(struct({ ...fileObject, content: text }), NAME),
  include: checked(listOf(or(include, { text: true }))),
  models: mapOfAny(model),
  name: text,
  networks: mapOfAny(orNothing(network)),
  secrets: mapOfAny(struct({ ...fileObject, driver: text, driver_opts: plainOptions }), NAME),
  services: mapOfAny(service, NAME),
  version: checked(kinds(() => undefined, { text: true })),
  volumes: mapOfAny(orNothing(volume), NAME),
});
