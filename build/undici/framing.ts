/** The length of the body of a response and the reuse of its connection, by its headers. */
export class Framing {
  /** The Content-Length. */
  length: number | undefined;
  isChunked = false;
  #hasCoding = false;
  #hasProtocol = false;
  readonly #connection = new Set<string>();

  /** @param name in lower case. @returns whether a header with this name may follow the previous headers. */
  allows(name: string): boolean {
    if (name === "content-length") return this.length === undefined && !this.#hasCoding;
    return name !== "transfer-encoding" || this.length === undefined;
  }

  /** @returns whether the value is valid. */
  add(name: string, value: string): boolean {
    switch (name) {
      case "content-length":
        this.length = Number(value);
        return /^\d+[ \t]*$/.test(value) && Number.isSafeInteger(this.length);
      case "transfer-encoding":
        this.#hasCoding ||= value !== "";
        this.isChunked = /(?:^|,)[ \t]*chunked *$/i.test(value);
        return true;
      case "upgrade":
        this.#hasProtocol ||= value !== "";
        return true;
      case "connection":
      case "proxy-connection":
        for (const option of value.split(",")) this.#connection.add(option.trim().toLowerCase());
        return true;
      default:
        return true;
    }
  }

  get isUpgrade(): boolean {
    return this.#hasProtocol && this.#connection.has("upgrade");
  }

  /** Whether the body is everything up to the end of the connection. */
  get endsWithConnection(): boolean {
    return this.#hasCoding ? !this.isChunked : this.length === undefined;
  }

  keepsAlive(isHttp11: boolean, hasBody: boolean): boolean {
    const isKept = isHttp11 ? !this.#connection.has("close") : this.#connection.has("keep-alive");
    return isKept && !(hasBody && this.endsWithConnection);
  }
}
