import { describe, expect, test } from "vitest";
import { maskCommand } from "../../../src/app/mask.ts";
import { cpuTime } from "../../support/cpu-time.ts";

type Case = [words: string[], shown: string];

describe("A command without secrets is shown as it was typed", () => {
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
  ])("%j", (words, shown) => expect(maskCommand(words)).toBe(shown));
});

describe("Of several words, hidden is", () => {
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
  ])("%j", (words, shown) => expect(maskCommand(words)).toBe(shown));
});

describe("Of a line for a shell, hidden is", () => {
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
  ])("%j", (line, shown) => expect(maskCommand([line])).toBe(shown));
});

describe("A secret that is known is hidden", () => {
  const hidden = (words: string[], ...secrets: string[]) => maskCommand(words, secrets);

  test("wherever it is, as often as it is", () =>
    expect(hidden(["a", "xhunter2y", "hunter2hunter2", "hunter2=1"], "hunter2")).toBe("a 'x***y' '***' '***=1'"));

  test("though it takes quotes to show it", () => expect(hidden(["a", "x it's $y"], "it's $y")).toBe("a 'x ***'"));

  test("over several words", () =>
    expect(hidden(["echo", "correct", "horse"], "correct horse")).toBe("echo '***' '***'"));

  test("over line feeds", () => expect(hidden(["echo 'ab\ncd'; e"], "ab\ncd")).toBe("echo '***'; e"));

  test("where it overlaps with itself or another, or with what is hidden anyway", () => {
    expect(hidden(["a", "ababab"], "abab")).toBe("a '***'");
    expect(hidden(["a", "1234567"], "12345", "4567")).toBe("a '***'");
    expect(hidden(["a", "token=x yz"], "token=x y")).toBe("a '***'");
    expect(hidden(["a", "--password=x"], "password")).toBe("a '--***=***'");
  });

  test("unless it is so short that it could be anything", () => {
    expect(hidden(["rake", "db:seed"], "", "r", "see")).toBe("rake db:seed");
    expect(hidden(["rake", "db:seed"], "seed")).toBe("rake 'db:***'");
  });
});

describe("On a screen", () => {
  test("nothing but a line appears", () =>
    expect(maskCommand(["a\n\r\t\x00\x1b[2J\x07\x7f\x9b\u2028\u2029\u202e\u2066\u200f\u061cz"])).toBe(
      "a\\n\\r\\t\\u0000\\u001b[2J\\u0007\\u007f\\u009b\\u2028\\u2029\\u202e\\u2066\\u200f\\u061cz",
    ));

  test("it has at most 200 characters, none of them in halves", () => {
    expect(maskCommand(["a".repeat(200)])).toBe("a".repeat(200));
    expect(maskCommand(["a".repeat(201)])).toBe(`${"a".repeat(199)}…`);
    expect(maskCommand([`${"a".repeat(198)}😀😀`])).toBe(`${"a".repeat(198)}…`);
  });

  test("what is behind the cut is hidden before it", () =>
    expect(maskCommand([`${"a".repeat(190)} TOKEN=${"b".repeat(300)}`])).toBe(
      `${"a".repeat(190)} TOKEN=***`.slice(0, 201),
    ));
});

/** What a careless pattern would try again from every place in it. */
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
  ],
];

test.each(HOSTILE)("A megabyte of %j takes no more than its length", (part) => {
  const text = part.repeat(1_000_000 / part.length);
  const words = Array.from({ length: 20_000 }, () => part);
  const begun = cpuTime();
  for (const command of [[text], ["x", text], words])
    expect(maskCommand(command, ["aaaa", "hunter2"]).length).toBeLessThan(201);
  expect(cpuTime() - begun).toBeLessThan(9_000);
});
