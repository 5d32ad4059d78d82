/** Stamped into the binary; running from source has no commit to name. */
declare const ONEOFF_VERSION: string | undefined;
declare const ONEOFF_COMMIT: string | undefined;

/** `oneoff 0.1.0 (commit 1a2b3c4, Node 24.21.0, linux-x64)` */
export const versionLine = () => {
  const version = typeof ONEOFF_VERSION === "string" ? ONEOFF_VERSION : "from source";
  const commit = typeof ONEOFF_COMMIT === "string" ? `commit ${ONEOFF_COMMIT}, ` : "";
  return `oneoff ${version} (${commit}Node ${process.versions.node}, ${process.platform}-${process.arch})`;
};
