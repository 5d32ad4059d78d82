/** Swarm expands Go templates in variables, host names and mounts of a service. */

const OPEN = '{{"{{"}}';

/** Text that Swarm expands to the given text. */
export const escapeTemplate = (text: string): string => text.replaceAll("{{", OPEN);
