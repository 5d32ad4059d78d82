import { distinctWords, driverOptions, words } from "./map-shapes.ts";
import {
  count,
  duration,
  flag,
  integer,
  keptSize,
  oneOf,
  plainFlag,
  text,
  textOrNumber,
  unsigned,
} from "./scalar-shapes.ts";
import { listOf, or, type Shape, struct, writing } from "./shape.ts";
import { isMap } from "./value.ts";

export const throttles = (key: "rate" | "weight", amount: Shape) => {
  const device = struct({ path: text, [key]: amount }, { strict: true });
  return listOf(
    writing(device, (value, path, wrong) => {
      const map = isMap(value) ? value : {};
      const name = key === "rate" ? "Rate" : "Weight";
      return { Path: text.write(map.path, path, wrong) ?? "", [name]: amount.write(map[key], path, wrong) ?? 0 };
    }),
  );
};

export const rates = throttles("rate", keptSize);

export const network = struct({
  aliases: distinctWords,
  driver_opts: driverOptions,
  gw_priority: count(),
  interface_name: text,
  ipv4_address: text,
  ipv6_address: text,
  link_local_ips: distinctWords,
  mac_address: text,
  priority: count(),
});

/** A network or model without settings is null. */
export const orNull = (shape: Shape) =>
  writing(or(shape, { nothing: true }), (value, path, wrong) =>
    value === null ? null : shape.write(value, path, wrong),
  );

export const dependency = struct(
  {
    condition: oneOf("service_started", "service_healthy", "service_completed_successfully"),
    required: writing(plainFlag, (value) => value === true),
    restart: flag,
  },
  { required: ["condition"] },
);

export const port = struct({
  app_protocol: text,
  host_ip: text,
  mode: text,
  name: text,
  protocol: text,
  published: textOrNumber,
  target: integer(),
});

const healthTest = writing(or(words, { text: true }), (value, path, wrong) =>
  typeof value === "string" ? ["CMD-SHELL", value] : words.write(value, path, wrong),
);

export const healthcheck = struct({
  disable: flag,
  interval: duration(),
  retries: unsigned({ isKept: true }),
  start_interval: duration(),
  start_period: duration(),
  test: healthTest,
  timeout: duration(),
});

export const device = struct({ source: text, target: text, permissions: text }, { required: ["source"] });

const envFile = struct({ path: text, format: text, required: flag }, { required: ["path"], strict: true });
export const envFiles = or(listOf(or(envFile, { text: true })), { text: true });

export const PULL_POLICY = /always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+/;
