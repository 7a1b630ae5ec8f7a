/**
 * The reader of configurations against broken ones: it never throws, every fault has its place in a text that was read,
 * laying out is done after one time, and what can be loaded can be compiled and shown.
 */
import { compileAcls } from "../../packages/acl/src/index.ts";
import { compileRegex } from "../../packages/sdk/src/index.ts";
import {
  engineCompilers,
  format,
  lint,
  loadConfiguration,
  parseAcl,
  renderDiagnostics,
  show,
  type Configuration,
} from "../../packages/config/src/index.ts";
import { genericAuthenticator } from "../../packages/auths/src/index.ts";
import { genericRouterOptions } from "../../packages/routers/src/index.ts";
import { firstPartyDrivers } from "../../packages/runtime/src/index.ts";
import { genericTransportOptions } from "../../packages/transports/src/index.ts";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { siteConfiguration } from "../support/sites.ts";
import { ROOT } from "../support/program.ts";
import { below, DAMAGES, pick, type Random } from "./mutate.ts";
import { hold, type FuzzRun, type FuzzTarget } from "./target.ts";

export const config: FuzzTarget = {
  name: "config",
  open: async (): Promise<FuzzRun> => {
    const samples = sampleTexts();
    const load = loader();
    return {
      round: (random, seen) => {
        const files = new Map([
          ["/fuzz.conf", brokenText(samples, random)],
          ["/more.conf", random() < 0.3 ? brokenText(samples, random).slice(0, 400) : ""],
        ]);
        const text = files.get("/fuzz.conf") as string;
        seen(Buffer.from(text, "latin1"));
        checkLoaded(load(files), files);
        const laidOut = format(text);
        hold(format(laidOut) === laidOut, () => "laid out twice it changes again");
      },
    };
  },
};

function sampleTexts(): string[] {
  const folder = join(ROOT, "test/fixtures/differential");
  const fixtures = readdirSync(folder).filter((name) => name.endsWith(".conf"));
  return [
    siteConfiguration({ domain: "truc.fr", format: "maildir" }),
    ...fixtures.map((name) => readFileSync(join(folder, name), "latin1")),
    ODDITIES,
  ];
}

const ODDITIES = `A1 = x
A2 == A1A1
.ifdef A1
.include /more.conf
.include_if_exists /none.conf
.elifndef A2
.else
.endif
hide mysql_servers = <; a ; b
addresslist al = *@x : ^.*y\\$ : lsearch;/f
localpartlist ll = +caseful : a : !b
hostlist hl = <, 192.0.2.0/24, ::1, !*.x
acl_smtp_rcpt = \${if eq{a}{b}{acl1}{acl2}}
message_size_limit = 10M
log_selector = +all -pid
begin acl
acl1:
  warn set acl_m_x = \${sg{$h_subject:}{\\N^x\\N}{y}}
  deny !domains = +al : \${lookup{$domain}lsearch{/f}{$value}}
       message = "quoted \\"text\\" \\x41 \\
                  goes on"
  accept ratelimit = 10 / 1h / per_rcpt / strict
         control = submission/domain=
begin rewrite
*@x  \${1}@y  Ffrs
begin retry
*@x:quota  *  F,1h,1m; G,2d,1m,1.5
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = \${if eq{$auth2}{x}}
`;

const WORDS = [
  "begin acl\n", "begin routers\n", "begin transports\n", "begin retry\n", "begin rewrite\n", "begin authenticators\n", ".ifdef X\n", ".ifndef X\n",
  ".else\n", ".endif\n", ".include /more.conf\n", ".include /fuzz.conf\n", "A1", "A2 = A1A1A1\n", "A3 == A2A2\n", "\\\n", "\\", '"', "\n", ":", "{", "}",
  "$", "${", "${if ", "${lookup{", "${extract{1}{:}{", "$acl_m_x", "\\N", "<;", "+", "!", "=", "  driver = ", "  driver = redirect\n", "hide ", "no_",
  "domainlist x = ", "*", "^(((", "[", "/", "@@", "lsearch;", "net24-iplsearch;", "-1", "99999999999999999999", "0x", "1w2d", "\0", "\xff", "#", "x:\n",
]; // prettier-ignore

function brokenText(samples: readonly string[], random: Random): string {
  const lines = pick(random, samples).split(/(?<=\n)/);
  for (let count = below(random, 8); count > 0; count--) changeLines(lines, samples, random);
  let text = lines.join("");
  for (let count = below(random, 3); count > 0 && text.length > 0; count--)
    text = pick(random, DAMAGES).apply(Buffer.from(text, "latin1"), random).toString("latin1");
  for (let count = below(random, 6); count > 0; count--) {
    const at = below(random, text.length + 1);
    text = text.slice(0, at) + pick(random, WORDS) + text.slice(at + below(random, 3));
  }
  return text;
}

function changeLines(lines: string[], samples: readonly string[], random: Random): void {
  const at = below(random, lines.length);
  const other = (): string => pick(random, pick(random, samples).split(/(?<=\n)/));
  if (random() < 0.3) lines.splice(at, 1 + below(random, 4));
  else if (random() < 0.5) lines.splice(at, 0, other(), other());
  else lines.splice(at, 1, ...lines.slice(below(random, lines.length + 1)).slice(0, 5));
}

type Files = ReadonlyMap<string, string>;

function loader(): (files: Files) => Configuration {
  const compilers = engineCompilers({
    primaryHostname: () => "host.test",
    localAddresses: () => [],
    isLocalMx: () => ({ kind: "no" }),
    addressesOf: () => ({ kind: "unknown" }),
  });
  const drivers = firstPartyDrivers();
  return (files) => {
    const configuration = loadConfiguration({
      file: "/fuzz.conf",
      readFile: (path) => files.get(path) ?? { code: "ENOENT", message: "No such file or directory" },
      catalogue: {
        ...drivers,
        lookups: new Set(["lsearch", "iplsearch", "dnsdb"]),
        genericRouter: genericRouterOptions,
        genericTransport: genericTransportOptions,
        genericAuthenticator,
      },
      compilers,
      environment: { machine: { primary_hostname: "host.test", spool_directory: "/spool", log_file_path: "/log/%slog" } },
    });
    compileAcls({
      acls: configuration.acls,
      compilers: { ...compilers, regex: (pattern) => regexOr(pattern) },
      read: (text, origin) => parseAcl(text, origin).statements,
    });
    return configuration;
  };
}

function regexOr(pattern: string): RegExp | string {
  const made = compileRegex(pattern, { caseless: false });
  return made.ok ? made.regex : made.message;
}

function checkLoaded(configuration: Configuration, files: Files): void {
  const all = [...configuration.diagnostics, ...lint(configuration)];
  for (const { at, code, message } of all) {
    hold(/^MK\d{4}$/.test(code) && message !== "", () => `a fault without a code or a text: ${code} ${message}`);
    if (at === undefined) continue;
    const text = files.get(at.file);
    hold(text !== undefined, () => `${code} is in ${at.file}, which was not read`);
    hold(at.line >= 1 && at.line <= text.split("\n").length, () => `${code} stands in line ${at.line} of ${text.split("\n").length}`);
  }
  renderDiagnostics(all, configuration.sources, { configuration });
  show(configuration, []);
}
