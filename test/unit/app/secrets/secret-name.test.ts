import { expect, test } from "vitest";
import { isSecretName } from "../../../../src/app/secrets/secret-name.ts";

test.each([
  ...[
    "PASSWORD",
    "password",
    "PGPASSWORD",
    "DB_PASS",
    "DB_PASSWORD_1",
    "PASSWORD2",
    "SSHPASS",
    "MYSQL_PWD",
    "dbPassword",
  ],
  ...["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "SECRET_KEY_BASE", "RAILS_MASTER_KEY", "clientSecret"],
  ...["GITHUB_TOKEN", "accessToken", "API_KEY", "APIKEY", "api-key", "apiKey", "STRIPE_API_KEY", "PRIVATE_KEY"],
  ...["REDIS_AUTH", "CREDENTIAL", "GOOGLE_CREDENTIALS", "passphrase", "passwd", "X-Api-Key", "PRIVATE-TOKEN", "_PASS_"],
  ...["--password", "-password", "--db-password", "--api-key", "--access-key", "--token", "--auth", "--pass", "--pwd"],
])("treats %s as the name of a secret", (name) => expect(isSecretName(name)).toBe(true));

test.each([
  ...["", "PATH", "COMPASS", "BYPASS", "--bypass", "--passenger", "PASSENGER_APP_ENV", "KEYBOARD", "KEY", "PUBLIC_KEY"],
  ...["--author", "AUTHOR", "AUTHORITY", "OAUTH", "--passive", "SECRETARY", "TOKENIZER", "--max-tokens", "PRIMARY_KEY"],
  ...[
    "PWD",
    "OLDPWD",
    "PASSWORD_FILE",
    "--password-stdin",
    "--token-path",
    "--no-password",
    "no_auth",
    "monkey",
    "ENCOMPASS",
  ],
])("does not treat %s as the name of a secret", (name) => expect(isSecretName(name)).toBe(false));
