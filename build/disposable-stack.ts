/** Node's snapshot builder lacks these classes: they stand in during the rehearsal. */
class Stack {
  #undo: (() => unknown)[] = [];
  defer(undo: () => unknown) {
    this.#undo.push(undo);
  }
  use<T extends Partial<Disposable & AsyncDisposable>>(value: T): T {
    this.defer(() => (value[Symbol.asyncDispose] ?? value[Symbol.dispose])?.call(value));
    return value;
  }
  move(): Stack {
    const moved = new Stack();
    moved.#undo = this.#undo.splice(0);
    return moved;
  }
  dispose() {
    this[Symbol.dispose]();
  }
  disposeAsync() {
    return this[Symbol.asyncDispose]();
  }
  [Symbol.dispose]() {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }
  async [Symbol.asyncDispose]() {
    for (const undo of this.#undo.splice(0).reverse()) await undo();
  }
}

export function withDisposableStacks(): Disposable {
  const names = ["DisposableStack", "AsyncDisposableStack"].filter((name) => !(name in globalThis));
  for (const name of names) Object.assign(globalThis, { [name]: Stack });
  return {
    [Symbol.dispose]() {
      for (const name of names) Reflect.deleteProperty(globalThis, name);
    },
  };
}
