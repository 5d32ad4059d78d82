/** An app's name is part of its containers' and its images' names: lower case, and no separator at either end. */
export const isAppName = (name: string) => name.length <= 63 && /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(name);

/** A release that oneoff has deployed. */
export const releaseImage = (app: string) => `oneoff/${app}:latest`;

/** Whether a word can be an app at all: a name, `project/service`, or either with what deployed it in front. */
export const mayBeApp = (word: string) => /^[a-z0-9][a-z0-9_.:/@-]*$/i.test(word);

/** The form of an app's name in a container's: `shop/web` is `shop-web`. */
export const containerPart = (app: string) => app.replaceAll(/[^a-z0-9_.-]+/gi, "-");
