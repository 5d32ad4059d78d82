/** How a container joins a network. */
export interface EndpointConfig {
  Aliases?: readonly string[];
  /** `db:alias` */
  Links?: readonly string[];
  IPAMConfig?: { IPv4Address: string };
}
