/** Real database servers for tests: each in a folder of its own, on the loopback, as an unprivileged user, gone when the test ends. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { freePort, loopbackAddress } from "./loopback.ts";
import { cleanEnvironment } from "./mailkit.ts";
import { findProgram, run } from "./programs.ts";
import { asTester, temporaryFolder, writeFiles } from "./temporary.ts";
import type { Teardown } from "./temporary.ts";
import { until } from "./wait.ts";

export interface Database {
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  /** Path of its Unix socket. */
  readonly socket: string;
  /** Ends it, as a crash would. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

interface Server {
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  readonly socket: string;
  readonly command: string;
  readonly argv: readonly string[];
  /** Says yes as soon as it answers. */
  readonly answers: () => Promise<boolean>;
}

/** Where Debian puts the newest PostgreSQL; undefined = not installed. */
export function postgresFolder(): string | undefined {
  try {
    const versions = readdirSync("/usr/lib/postgresql").sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => `/usr/lib/postgresql/${version}/bin`).find((bin) => findProgram(`${bin}/initdb`) !== undefined);
  } catch {
    return undefined;
  }
}

/** User `mail`, database `postgres`; `host` lines of pg_hba.conf ask for the password "secret" when one is wanted. */
export async function startPostgres(t: Teardown, sql: string): Promise<Database> {
  const bin = postgresFolder() as string;
  const place = await makePlace(t, "postgres");
  const data = join(place.folder, "data");
  writeFiles(place.folder, { password: "secret\n" });
  const init = ["-D", data, "-U", "mail", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", "-E", "UTF8"];
  await runOrFail(`${bin}/initdb`, [...init, "--locale=C", `--pwfile=${join(place.folder, "password")}`], place.folder);
  const argv = ["-D", data, "-p", String(place.port), "-k", place.folder, "-c", `listen_addresses=${place.address}`, "-c", "fsync=off"];
  const psql = (text: string) =>
    run("psql", ["-q", "-v", "ON_ERROR_STOP=1", "-h", place.folder, "-p", String(place.port), "-U", "mail", "postgres"], {
      input: text,
      env: cleanEnvironment({}),
    });
  const answers = async () => (await psql("select 1")).code === 0;
  const server = await startServer(t, {
    ...place,
    socket: join(place.folder, `.s.PGSQL.${place.port}`),
    command: `${bin}/postgres`,
    argv,
    answers,
  });
  const filled = await psql(sql);
  if (filled.code !== 0) throw new Error(filled.stderr);
  return server;
}

/** User `root` without a password on the socket, user `mail` with the password "secret" by TCP; database `mail`. */
export async function startMariadb(t: Teardown, sql: string): Promise<Database> {
  const place = await makePlace(t, "mariadb");
  const data = join(place.folder, "data");
  const socket = join(place.folder, "sock");
  await runOrFail(
    "mariadb-install-db",
    ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-flush-log-at-trx-commit=0"],
    place.folder,
  ); // prettier-ignore
  const client = (text: string) =>
    run("mariadb", ["--no-defaults", "-S", socket, "-u", "root"], { input: text, env: cleanEnvironment({}) });
  const server = await startServer(t, {
    ...place,
    socket,
    command: findProgram("mariadbd") as string,
    argv: ["--no-defaults", `--datadir=${data}`, `--socket=${socket}`, `--port=${place.port}`, `--bind-address=${place.address}`, `--pid-file=${join(place.folder, "pid")}`],
    answers: async () => (await client("select 1")).code === 0,
  }); // prettier-ignore
  const filled = await client(
    `create database mail; create user mail identified by 'secret'; grant all on mail.* to mail; use mail; ${sql}`,
  );
  if (filled.code !== 0) throw new Error(filled.stderr);
  return server;
}

export async function startRedis(t: Teardown, more: readonly string[] = []): Promise<Database> {
  const place = await makePlace(t, "redis");
  const socket = join(place.folder, "sock");
  const argv = [
    "--port",
    String(place.port),
    "--bind",
    place.address,
    "--unixsocket",
    socket,
    "--dir",
    place.folder,
    "--save",
    "",
    ...more,
  ];
  const ping = () => run("redis-cli", ["-s", socket, "ping"], { env: cleanEnvironment({}) });
  const answers = async () => /PONG|NOAUTH/.test((await ping()).stdout);
  return startServer(t, { ...place, socket, command: findProgram("redis-server") as string, argv, answers });
}

/** Suffix `o=base`, manager `cn=admin,o=base` with the password "secret"; `tls` = a certificate made for its address. */
export async function startSlapd(t: Teardown, ldif: string, { tls = false } = {}): Promise<Database & { readonly tlsPort: number }> {
  const place = await makePlace(t, "slapd");
  const tlsPort = await freePort(place.address);
  const socket = join(place.folder, "sock");
  const file = (name: string): string => join(place.folder, name);
  if (tls) await makeCertificate(place.folder, place.address);
  const lines = [
    ...["core", "cosine", "inetorgperson"].map((name) => `include /etc/ldap/schema/${name}.schema`),
    `pidfile ${file("pid")}`,
    ...(tls ? [`TLSCertificateFile ${file("cert.pem")}`, `TLSCertificateKeyFile ${file("key.pem")}`] : []),
    "modulepath /usr/lib/ldap\nmoduleload back_mdb\ndatabase mdb\nsuffix o=base",
    `rootdn cn=admin,o=base\nrootpw secret\ndirectory ${file("db")}\n`,
  ];
  writeFiles(place.folder, { "db/": "", "slapd.conf": lines.join("\n"), "init.ldif": ldif });
  await runOrFail(findProgram("slapadd") as string, ["-q", "-f", file("slapd.conf"), "-l", file("init.ldif")], place.folder);
  const urls = [`ldap://${place.address}:${place.port}`, `ldapi://${encodeURIComponent(socket)}`];
  if (tls) urls.push(`ldaps://${place.address}:${tlsPort}`);
  const argv = ["-f", file("slapd.conf"), "-h", urls.join(" "), "-d", "0"];
  const ask = () => run("ldapsearch", ["-x", "-H", urls[1] as string, "-s", "base", "-b", "o=base"], { env: cleanEnvironment({}) });
  const answers = async () => (await ask()).code === 0;
  return { ...(await startServer(t, { ...place, socket, command: findProgram("slapd") as string, argv, answers })), tlsPort };
}

async function makeCertificate(folder: string, address: string): Promise<void> {
  const argv = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test -keyout key.pem -out cert.pem";
  await runOrFail("openssl", [...argv.split(" "), "-addext", `subjectAltName=IP:${address}`], folder);
}

async function makePlace(t: Teardown, name: string) {
  const address = loopbackAddress();
  return { folder: temporaryFolder(t, name), address, port: await freePort(address) };
}

async function runOrFail(command: string, argv: readonly string[], cwd: string): Promise<void> {
  const ran = await run(command, argv, { cwd, ...asTester, env: cleanEnvironment({ HOME: cwd }) });
  if (ran.code !== 0) throw new Error(`${command}: ${ran.stdout}${ran.stderr}`);
}

async function startServer(t: Teardown, server: Server): Promise<Database> {
  const { folder, address, port, socket, command, argv, answers } = server;
  let output = "";
  let ended: Promise<void> = Promise.resolve();
  let kill = (): void => {};
  const stop = async (): Promise<void> => {
    kill();
    await ended;
  };
  const start = async (): Promise<void> => {
    const child = spawn(command, argv, {
      cwd: folder,
      ...asTester,
      stdio: ["ignore", "pipe", "pipe"],
      env: cleanEnvironment({ HOME: folder }),
    });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    ended = new Promise((resolve) => child.once("close", () => resolve()));
    kill = () => void child.kill("SIGKILL");
    await until(answers, { what: `${command} to answer`, instead: () => output });
  };
  t.teardown(stop);
  await start();
  return { folder, address, port, socket, stop, start };
}
