/** App names are part of container and image names: lower case, without a separator at either end. */
export const isAppName = (name: string) => name.length <= 63 && /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(name);

/** Whether an argument can name an app: a name or `project/service`, optionally with `SOURCE:` in front. */
export const mayBeApp = (word: string) => /^[a-z0-9][a-z0-9_.:/@-]*$/i.test(word);

/** The app's name as part of a container name: `shop/web` becomes `shop-web`. */
export const containerPart = (app: string) => app.replaceAll(/[^a-z0-9_.-]+/gi, "-");
