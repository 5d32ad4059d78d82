import { describe, expect, test } from "vitest";
import { maskCommand, maskSetting } from "../../../../src/app/secrets/mask.ts";
import { cpuTime } from "../../../support/cpu-time.ts";

type Case = [words: string[], shown: string];

describe("shows a command without secrets unchanged", () => {
  test.each<Case>([
    [[], ""],
    [["ls"], "ls"],
    [["rake", "db:migrate"], "rake db:migrate"],
    [["echo", "a  b", "", "it's", "$HOME"], `echo 'a  b' '' "it's" '$HOME'`],
    [["ls -l | wc -l"], "ls -l | wc -l"],
    [["it's 'fine' "], "it's 'fine' "],
    [["echo 'never closed"], "echo 'never closed"],
    [
      ["a", "--passenger", "x", "--author", "me", "KEYBOARD=de", "COMPASS=n"],
      "a --passenger x --author me KEYBOARD=de COMPASS=n",
    ],
    [["rake", "token:refresh", "auth:login[x]"], "rake token:refresh 'auth:login[x]'"],
    [["rails", "runner", "Token.find(1).refresh"], "rails runner 'Token.find(1).refresh'"],
    [["docker", "login", "--password-stdin", "host"], "docker login --password-stdin host"],
    [["curl", "http://user@host:8080/a:b/c@d", "http://host:80"], "curl http://user@host:8080/a:b/c@d http://host:80"],
    [["psql", "--no-password", "db", "PWD=/srv"], "psql --no-password db PWD=/srv"],
    [["ssh", "-p2222", "host"], "ssh -p2222 host"],
    [["nc", "mysql", "-p3306"], "nc mysql -p3306"],
    [["mysql", "-p", "-P3306", "db"], "mysql -p -P3306 db"],
    [["PASSWORD="], "PASSWORD="],
    [["echo", "the password is secret"], "echo 'the password is secret'"],
  ])("shows %j unchanged", (words, shown) => expect(maskCommand(words)).toBe(shown));
});

describe("masks secrets in an argv", () => {
  test.each<Case>([
    [["env", "PGPASSWORD=hunter2", "psql"], "env 'PGPASSWORD=***' psql"],
    [["env", "PGPASSWORD=a b", "psql"], "env 'PGPASSWORD=***' psql"],
    [["env", "TOKEN=a=b\nc"], "env 'TOKEN=***'"],
    [["a", "--password=hunter2", "--db-password=x y"], "a '--password=***' '--db-password=***'"],
    [["a", "--password", "hunter2", "b"], "a --password '***' b"],
    [["a", "-token", "hunter2"], "a -token '***'"],
    [["a", "--secret", "-begins-so"], "a --secret '***'"],
    [["a", "--secret", ""], "a --secret ''"],
    [["a", "--password", "--verbose", "-password", "-v"], "a --password --verbose -password -v"],
    [["a", "--password", "--token", "x"], "a --password --token '***'"],
    [["a", "--password", "password", "x"], "a --password '***' x"],
    [["helm", "--set", "auth.password=x,y=z"], "helm --set 'auth.password=***'"],
    [["java", "-Ddb.password=a b"], "java '-Ddb.password=***'"],
    [["psql", "postgres://u:p@h/d"], "psql 'postgres://u:***@h/d'"],
    [["psql", "postgres://u:p@ss#1@h:5/d?x=1"], "psql 'postgres://u:***@h:5/d?x=1'"],
    [["redis-cli", "-u", "redis://:pw@h"], "redis-cli -u 'redis://:***@h'"],
    [["wget", "ftp://joe@corp:pw@h"], "wget 'ftp://joe@corp:***@h'"],
    [["a", "DATABASE_URL=postgres://u:p@h/d"], "a 'DATABASE_URL=postgres://u:***@h/d'"],
    [["a", "x://a:b@c", "https://a:b@c,https://d:e@f"], "a 'x://a:***@c' 'https://a:***@c,https://d:***@f'"],
    [["curl", "http://h/?a=1&token=x&b=2"], "curl 'http://h/?a=1&token=***'"],
    [["curl", "-H", "Authorization: Bearer a.b=="], "curl -H 'Authorization: Bearer ***'"],
    [["curl", "-H", "authorization:basic eDp5"], "curl -H 'authorization:basic ***'"],
    [["curl", "-H", 'Proxy-Authorization: Digest u="a", r="b"'], "curl -H 'Proxy-Authorization: ***'"],
    [["curl", "-H", "X-Api-Key: abc"], "curl -H 'X-Api-Key: ***'"],
    [["curl", "-d", '{"password":"x y","user":"u"}'], `curl -d '{"password":"***","user":"u"}'`],
    [
      ["curl", "-d", '{"password": "x\\"y z", "Authorization": "Bearer t"}'],
      `curl -d '{"password": "***", "Authorization": "Bearer ***"}'`,
    ],
    [
      ["rails", "runner", 'u.update(password: "a b", name: "n")'],
      `rails runner 'u.update(password: "***", name: "n")'`,
    ],
    [["rails", "runner", "u.update(:password => 'a b')"], `rails runner "u.update(:password => '***')"`],
    [["psql", "-c", "ALTER USER a PASSWORD 'a b'"], `psql -c "ALTER USER a PASSWORD '***'"`],
    [["psql", "host=h password=x user=u"], "psql 'host=h password=*** user=u'"],
    [["mysql", "-uroot", "-phunter2", "-P3306"], "mysql -uroot '-p***' -P3306"],
    [["/usr/bin/mariadb-dump", "-phunter2"], "/usr/bin/mariadb-dump '-p***'"],
    [["env", "A=1", "timeout", "5", "mysqladmin", "-phunter2"], "env A=1 timeout 5 mysqladmin '-p***'"],
    [["sh", "-c", "PASSWORD=x foo --token y; bar"], "sh -c 'PASSWORD=*** foo --token ***; bar'"],
    [["env", "/bin/bash", "-lc", "mysql -px | cat"], "env /bin/bash -lc 'mysql -p*** | cat'"],
    [["ssh", "h", "a; PASSWORD=x b"], "ssh h 'a; PASSWORD=*** b'"],
  ])("masks the secrets in %j", (words, shown) => expect(maskCommand(words)).toBe(shown));
});

describe("masks secrets in a shell command", () => {
  test.each<[line: string, shown: string]>([
    ["PGPASSWORD=hunter2 psql -c 'select 1'", "PGPASSWORD=*** psql -c 'select 1'"],
    ["A=1 TOKEN='a b' c", "A=1 TOKEN=*** c"],
    ["TOKEN=\"a\"'b c'\\ d e", "TOKEN=*** e"],
    ["cd x&&SECRET=y rake", "cd x&&SECRET=*** rake"],
    ["export API_KEY=x;rake", "export API_KEY=***;rake"],
    ["a --password 'x y' b", "a --password *** b"],
    ['a --password="x y" b', "a --password=*** b"],
    ['a "--password=x y" b', 'a "--password=***" b'],
    ["a --token x|b", "a --token ***|b"],
    ["psql postgres://u:p@h/d>f", "psql postgres://u:***@h/d>f"],
    ["curl -H 'Authorization: Bearer x y' u", "curl -H 'Authorization: Bearer ***' u"],
    ['curl -H "X-Api-Key: a b" u', 'curl -H "X-Api-Key: ***" u'],
    ['curl -d "{\\"password\\":\\"a b\\"}" u', 'curl -d "{\\"password\\":\\"***\\"}" u'],
    ["mysqldump -p'a b' d | ssh -p22 h", "mysqldump -p*** d | ssh -p22 h"],
    ['mysql "-pa b" d', 'mysql "-p*** d'],
    ["ssh -p22 h\nmysql -pa", "ssh -p22 h\\nmysql -p***"],
    ["if true; then mysql -pa; fi", "if true; then mysql -p***; fi"],
    ['echo "$(TOKEN=x y)" `TOKEN=z w`', 'echo "$(TOKEN=***" `TOKEN=***'],
    ["a # --password hunter2", "a # --password ***"],
    ["a 'b PASSWORD=x", "a 'b PASSWORD=***"],
  ])("masks the secrets in the shell command %j", (line, shown) => expect(maskCommand([line])).toBe(shown));
});

/** Built from parts, so that no secret scanner reports them. */
const token = (...parts: string[]) => parts.join("");

describe("masks passwords of known programs", () => {
  test.each<[line: string, shown: string]>([
    ["curl -u u:p h", "curl -u u:*** h"],
    ["curl -uu:p h", "curl -uu:*** h"],
    ["curl -sSu u:p h", "curl -sSu u:*** h"],
    ["curl --user u:p --proxy-user 'a:b c' h", "curl --user u:*** --proxy-user 'a:*** h"],
    ["curl --user=u:p h", "curl --user=u:*** h"],
    ["curl -b session=abc --cookie a=b -b jar.txt h", "curl -b session=*** --cookie a=*** -b jar.txt h"],
    ["curl --oauth2-bearer abc h", "curl --oauth2-bearer *** h"],
    ["sshpass -p hunter2 ssh h", "sshpass -p *** ssh h"],
    ["sshpass -phunter2 ssh h", "sshpass -p*** ssh h"],
    ["redis-cli -h r -a hunter2 ping", "redis-cli -h r -a *** ping"],
    ["redis-cli auth hunter2", "redis-cli auth ***"],
    ["redis-cli -h r CONFIG SET requirepass hunter2", "redis-cli -h r CONFIG SET requirepass ***"],
    ["mysql -uroot -phunter2 -P 3306 db", "mysql -uroot -p*** -P 3306 db"],
    ["htpasswd -b .htpasswd joe hunter2", "htpasswd -b .htpasswd joe ***"],
    ["htpasswd -nbB joe hunter2", "htpasswd -nbB joe ***"],
    ["docker login -u joe -p hunter2 r.example", "docker login -u joe -p *** r.example"],
    ["helm registry login r -p hunter2", "helm registry login r -p ***"],
    ["mongodump -u joe -p hunter2", "mongodump -u joe -p ***"],
    ["ldapsearch -x -w hunter2 -b dc=x", "ldapsearch -x -w *** -b dc=x"],
    ["sqlcmd -S h -U sa -P hunter2", "sqlcmd -S h -U sa -P ***"],
    ["smbclient //h/s -U 'joe%hunter2'", "smbclient //h/s -U 'joe%***"],
    ["lftp -u joe,hunter2 h", "lftp -u joe,*** h"],
    ["openssl enc -aes256 -k hunter2", "openssl enc -aes256 -k ***"],
    ["openssl rsa -passin pass:hunter2", "openssl rsa -passin ***"],
    [
      "kubectl create secret generic s --from-literal=a=hunter2",
      "kubectl create secret generic s --from-literal=a=***",
    ],
    ["rabbitmqctl add_user joe hunter2", "rabbitmqctl add_user joe ***"],
    ["vault login hunter2", "vault login ***"],
    ["zip -P hunter2 a.zip a", "zip -P *** a.zip a"],
    ["PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"],
    ["sudo -u joe /usr/bin/curl -u u:p h", "sudo -u joe /usr/bin/curl -u u:*** h"],
    ["sudo -n -g staff curl -u u:p h", "sudo -n -g staff curl -u u:*** h"],
    ["env -u HOME A=1 timeout -s KILL 5 mysql -phunter2", "env -u HOME A=1 timeout -s KILL 5 mysql -p***"],
    ["sudo -E docker login -p hunter2", "sudo -E docker login -p ***"],
  ])("masks the password in %s", (line, shown) => {
    expect(maskCommand([line])).toBe(shown);
    if (!/['"]/.test(line)) expect(maskCommand(line.split(" ")).replaceAll("'", "")).toBe(shown);
  });

  test.each([
    "ls -u u:p",
    "id -u u:p",
    "nc -p 5432 h",
    "ssh -p 5432 h",
    "psql -p 5432 -U joe",
    "pg_dump -p 5432 -a",
    "mysql -p -P 3306 db",
    "mysql -P3306 db",
    "docker run -p 80:80 nginx",
    "docker compose -p shop up",
    "mkdir -p a/b",
    "curl -u joe h",
    "curl -b jar.txt h",
    "redis-cli -h r -p 6379 get auth",
    "htpasswd -c .htpasswd joe",
    "grep -a x y",
    "openssl x509 -in a.pem",
    "rabbitmqctl list_users",
    "rake cookie:clear token:refresh",
    "curl -H Accept:text/html -HHost:example.com --header=X-Id:1 h",
    "ssh git@github.com",
    "curl https://user@host/",
    "http h Accept:text/html",
    "docker -H tcp://host:2375 ps",
    "git clone https://joe@example.com/a.git",
    "curl https://example.com/?page=2&sort=key",
    "echo sk-small xoxo eyJ npm_config_cache=/x AKIA ghp_",
    "node eyJob.js",
  ])("does not mask %s", (line) => expect(maskCommand([line])).toBe(line));
});

describe("masks values that look like a secret, whatever their name", () => {
  const body = "A1b2C3d4E5f6A7b8C9d0E1f2A3b4C5d6E7f8";
  test.each([
    ...[
      "ghp_",
      "gho_",
      "ghs_",
      "ghu_",
      "ghr_",
      "github_pat_",
      "glpat-",
      "xoxb-",
      "xoxp-",
      "npm_",
      "AIza",
      "hf_",
      "pypi-",
    ],
    ...[
      "sk_live_",
      "rk_live_",
      "sk_test_",
      "whsec_",
      "sk-",
      "sk-ant-",
      "ya29.",
      "dckr_pat_",
      "hvs.",
      "GOCSPX-",
      "figd_",
    ],
    ...["AKIA", "ASIA"].map((start) => token(start, "IOSFODNN")),
    ...["dop_v1_", "shpat_", "rubygems_"].map((start) => token(start, "0123456789abcdef0123")),
  ])("masks the token %s…", (start) => {
    const secret = token(
      start,
      start.startsWith("A") && !start.startsWith("AI")
        ? "7EXAMPLE"
        : /v1_|at_|gems_/.test(start)
          ? "0123456789abcdef"
          : body,
    );
    expect(maskCommand(["deploy", secret])).toMatch(/^deploy '\*\*\*'?/);
    expect(maskCommand([`deploy x=${secret} y`])).not.toContain(secret.slice(start.length + 2, start.length + 6));
    expect(maskCommand(["git", "clone", `https://${secret}@h/a`])).toBe("git clone 'https://***@h/a'");
  });

  const jwt = token("eyJ", "hbGciOiJIUzI1NiJ9", ".", "eyJzdWIiOiIxIn0", ".", "c2lnbmF0dXJl");
  test.each<[line: string, shown: string]>([
    [`call ${jwt} now`, "call *** now"],
    ["curl -H 'Cookie: a=b; c=d' h", "curl -H 'Cookie: ***' h"],
    ["curl -H X-Api-Key:pw4secret h", "curl -H X-Api-Key:*** h"],
    ["curl -HX-Api-Key:pw h", "curl -HX-Api-Key:*** h"],
    ["curl -sSH X-Auth-Token:pw h", "curl -sSH X-Auth-Token:*** h"],
    ["curl --header=X-Api-Key:pw21secret h", "curl --header=X-Api-Key:*** h"],
    [
      "curl --header X-Secret:pw --proxy-header X-Password:pw h",
      "curl --header X-Secret:*** --proxy-header X-Password:*** h",
    ],
    ["curl -H Authorization:abc -H Cookie:abc h", "curl -H Authorization:*** -H Cookie:*** h"],
    ['curl -H"X-Token:a b" h', 'curl -H"X-Token:***" h'],
    ["curl -H 'X-Token:a b' h", "curl -H 'X-Token:***' h"],
    ["curl -H Ocp-Apim-Subscription-Key:pw h", "curl -H Ocp-Apim-Subscription-Key:*** h"],
    ["wget --header=X-Api-Key:pw h", "wget --header=X-Api-Key:*** h"],
    ["http h X-Api-Key:pw a:=1", "http h X-Api-Key:*** a:=1"],
    ["sh -c 'curl -H X-Api-Key:pw h'", "sh -c 'curl -H X-Api-Key:*** h'"],
    ['curl -H "Authorization: Basic eDp5" h', 'curl -H "Authorization: Basic ***" h'],
    ["curl 'https://h/x?sv=1&sig=abc%3D&se=2'", "curl 'https://h/x?sv=1&sig=***&se=2'"],
    ["curl 'https://h/x?X-Amz-Signature=abc'", "curl 'https://h/x?X-Amz-Signature=***'"],
    ["curl 'https://h/x?key=abc&q=1'", "curl 'https://h/x?key=***&q=1'"],
    ["curl 'https://h/x?token=abc'", "curl 'https://h/x?token=***'"],
    ["git clone https://0123456789abcdef0123@h/a", "git clone https://***@h/a"],
    ["git clone https://x-access-token:abc@h/a", "git clone https://x-access-token:***@h/a"],
    ["npm config set //r/:_authToken=abc", "npm config set //r/:_authToken=***"],
    [`sh -c 'curl -u u:p "https://h/?sig=abc"'`, `sh -c 'curl -u u:*** "https://h/?sig=***"'`],
  ])("masks the secret in %s", (line, shown) => expect(maskCommand([line])).toBe(shown));

  test("masks a private key of several lines", () =>
    expect(maskCommand(["add-key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"])).toBe(
      "add-key '-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----'",
    ));
});

describe("masks the secret of a setting", () => {
  test.each([
    ["splunk-token", "abc", "***"],
    ["loki-url", "https://u:p@h/push", "https://u:***@h/push"],
    ["o", "username=joe,password=hunter2", "username=joe,password=***"],
    ["max-size", "10m", "10m"],
    ["env", "os,customer", "os,customer"],
  ])("masks %s=%s", (name, value, shown) => expect(maskSetting(name, value)).toBe(shown));
});

describe("masks a known secret", () => {
  const hidden = (words: string[], ...secrets: string[]) => maskCommand(words, secrets);

  test("masks every occurrence of a known secret", () =>
    expect(hidden(["a", "xhunter2y", "hunter2hunter2", "hunter2=1"], "hunter2")).toBe("a 'x***y' '***' '***=1'"));

  test("masks a known secret that is shown in quotes", () =>
    expect(hidden(["a", "x it's $y"], "it's $y")).toBe("a 'x ***'"));

  test("masks a known secret that spans arguments", () =>
    expect(hidden(["echo", "correct", "horse"], "correct horse")).toBe("echo '***' '***'"));

  test("masks a known secret that spans lines", () =>
    expect(hidden(["echo 'ab\ncd'; e"], "ab\ncd")).toBe("echo '***'; e"));

  test("masks known secrets that overlap with each other or with other masks", () => {
    expect(hidden(["a", "ababab"], "abab")).toBe("a '***'");
    expect(hidden(["a", "1234567"], "12345", "4567")).toBe("a '***'");
    expect(hidden(["a", "token=x yz"], "token=x y")).toBe("a '***'");
    expect(hidden(["a", "--password=x"], "password")).toBe("a '--***=***'");
  });

  test("does not mask a known secret that is too short", () => {
    expect(hidden(["rake", "db:seed"], "", "r", "see")).toBe("rake db:seed");
    expect(hidden(["rake", "db:seed"], "seed")).toBe("rake 'db:***'");
  });
});

describe("shortens a command for a screen", () => {
  test("shows a single line", () =>
    expect(maskCommand(["a\n\r\t\x00\x1b[2J\x07\x7f\x9b\u2028\u2029\u202e\u2066\u200f\u061cz"])).toBe(
      "a\\n\\r\\t\\u0000\\u001b[2J\\u0007\\u007f\\u009b\\u2028\\u2029\\u202e\\u2066\\u200f\\u061cz",
    ));

  test("shows at most 200 characters, and splits none", () => {
    expect(maskCommand(["a".repeat(200)])).toBe("a".repeat(200));
    expect(maskCommand(["a".repeat(201)])).toBe(`${"a".repeat(199)}…`);
    expect(maskCommand([`${"a".repeat(198)}😀😀`])).toBe(`${"a".repeat(198)}…`);
  });

  test("masks a secret before shortening", () =>
    expect(maskCommand([`${"a".repeat(190)} TOKEN=${"b".repeat(300)}`])).toBe(
      `${"a".repeat(190)} TOKEN=***`.slice(0, 201),
    ));
});

/** Texts on which a careless pattern backtracks at every position. */
const HOSTILE = [
  ...["a", "=", "-", "\\", "'\"", '\\"', "$(", " #", "x ;", "token=", 'token="', 'token=\\"', "token ", "password:\\"],
  ...[
    "--password ",
    "password",
    "pass-",
    "://a:",
    "://a:b@",
    "authorization",
    "Authorization: ",
    "mysql -p",
    "sh -c '",
    ...[
      "curl -u ",
      "docker x login -p ",
      "htpasswd -b ",
      "eyJaaaaaa.",
      "-eyJ",
      "?sig=",
      "cookie:a=",
      "://a1",
      "SG.",
      "curl -H a-",
      "-HX:",
      "--a-header=",
    ],
    "-----BEGIN PRIVATE KEY-----",
  ],
];

/** The limit per kilobyte in ms of CPU time: a quadratic pattern takes a hundred times as long. */
const MS_PER_KB = 9;

function expectLinear(part: string, kilobytes: number): void {
  const length = kilobytes * 1000;
  const text = part.repeat(length / part.length);
  const words = Array.from({ length: length / 50 }, () => part);
  const begun = cpuTime();
  for (const command of [[text], ["x", text], words])
    expect(maskCommand(command, ["aaaa", "hunter2"]).length).toBeLessThan(201);
  expect(cpuTime() - begun).toBeLessThan(kilobytes * MS_PER_KB);
}

test.each(HOSTILE)("masks 200 KB of %j in linear time", (part) => expectLinear(part, 200));
test.each(HOSTILE)("masks 1 MB of %j in linear time", { tags: ["full"] }, (part) => expectLinear(part, 1000));
